import NetTypes

/// Makes up what a hostile guest sends: frames that are nearly right, and wrong where somebody may not look.
///
/// The same seed and the same index give the same attempt in the same world.
public struct HostileGenerator: Sendable {
  var random: SeededGenerator
  let world: HostileWorld
  let mark: FrameMark
  var recipe: [String] = []

  init(seed: UInt64, index: UInt32, world: HostileWorld) {
    random = SeededGenerator(seed: seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
    self.world = world
    mark = FrameMark(index)
    // The first numbers of neighbouring seeds have much in common.
    _ = random.next()
  }

  /// - Parameter offloads: Whether the guest's VMM uses virtio-net headers.
  public static func attempt(
    seed: UInt64, index: UInt32, in world: HostileWorld, offloads: Bool
  ) -> HostileAttempt {
    var generator = HostileGenerator(seed: seed, index: index, world: world)
    let frames = generator.frames(offloads: offloads)
    return HostileAttempt(index: index, frames: frames, recipe: generator.recipe)
  }

  private mutating func frames(offloads: Bool) -> [HostileFrame] {
    var frames: [EthernetFrame]
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<45: frames = ipv4()
    case 45..<55: frames = [arp()]
    case 55..<92: frames = ipv6()
    default: frames = [otherLink()]
    }
    if chance(12) { misaddress(&frames) }
    if chance(5) { tag(&frames) }
    var hostile = frames.map { HostileFrame($0.bytes) }
    if offloads, chance(60) { hostile = hostile.map { offload($0) } }
    if chance(4) { hostile = hostile.map { damage($0) } }
    return hostile
  }

  // MARK: Drawing

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func one<Element>(of choices: [Element]) -> Element {
    choices[Int.random(in: choices.indices, using: &random)]
  }

  mutating func note(_ word: String) { recipe.append(word) }

  mutating func number<Value: FixedWidthInteger & UnsignedInteger>(_ edges: Value...) -> Value {
    chance(60) ? one(of: edges) : Value.random(in: 0 ... .max, using: &random)
  }

  /// What it carries: its mark twice, and more.
  mutating func filler() -> [UInt8] {
    let size = one(of: [0, 0, 8, 20, 32, 64, 64, 200])
    return mark.bytes + mark.bytes + (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  mutating func macAddress() -> MACAddress {
    one(of: [
      world.own.mac, world.neighbor.mac, world.neighbor.mac, world.stranger.mac, world.gateway.mac, world.gateway.mac,
      world.host.mac, .broadcast, MACAddress(0x01, 0, 0x5e, 0, 0, 1), MACAddress(0x33, 0x33, 0, 0, 0, 1),
      MACAddress(0x02, 0xbb, 0, 0, 0, 1), MACAddress(0, 0, 0, 0, 0, 0), world.own.mac.ofTap,
      MACAddress(0x01, 0x80, 0xc2, 0, 0, UInt8.random(in: 0...15, using: &random)),
    ])
  }

  /// Sometimes sends as another, or to one that is not the next hop.
  private mutating func misaddress(_ frames: inout [EthernetFrame]) {
    let mac = macAddress()
    let isSource = chance(40)
    note(isSource ? "from \(mac)" : "at \(mac)")
    for index in frames.indices {
      if isSource { frames[index].source = mac } else { frames[index].destination = mac }
    }
  }

  private mutating func tag(_ frames: inout [EthernetFrame]) {
    let tags: [(UInt16, EtherType)] = (0..<(chance(30) ? 2 : 1)).map { _ in
      (number(0, 1, 0x2001, 4095), one(of: [.vlan, .vlan, .serviceVLAN, EtherType(rawValue: 0x9100)]))
    }
    note("tagged \(tags.count)")
    for index in frames.indices {
      for (vlan, type) in tags { frames[index] = frames[index].tagged(vlan: vlan, as: type) }
    }
  }

  /// Cuts it short, or turns a few bits.
  private mutating func damage(_ frame: HostileFrame) -> HostileFrame {
    var frame = frame
    guard frame.bytes.count > 14 else { return frame }
    if chance(50) {
      note("cut")
      frame.bytes.removeLast(Int.random(in: 1..<frame.bytes.count - 13, using: &random))
    } else {
      note("bits turned")
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 12..<frame.bytes.count, using: &random)
        frame.bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    }
    return frame
  }
}
