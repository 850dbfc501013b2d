import NetTypes

@testable import Tapestry
@testable import TapestryCommand

extension FuzzTarget {
  /// Text as a name: of a VM, of an interface, as a link's alias, as an owner, and with placeholders.
  static let names = FuzzTarget("names", longest: 256) { bytes in
    let text = bytes.text
    if let name = try? InterfaceName(parsing: text) {
      hold((try? InterfaceName(parsing: name.description)) == name, "printed and read, the same")
    }
    if let mark = OwnerMark(alias: text) {
      hold(mark.alias == text, "an owner's mark is written as it was read: \(text.debugDescription)")
      hold(text.utf8.count <= 255, "an alias is one that the kernel keeps")
    }
    if let owner = try? TapOwner(option: text) { checkOwner(owner, text) }
    let interface = Identifier(text: text)
    if let interface { checkIdentity(AttachmentKey(vm: interface, interface: interface)) }
    checkIdentity(text)
  }

  /// The pair of two texts, whatever they are, as the original's formulas take it.
  private static func checkIdentity(_ text: String) {
    for salt in 0...1 {
      let name = Identity.tapName(vm: text, interface: text, salt: salt)
      hold(
        name.utf16.count <= 15 && name.utf8.starts(with: "sv".utf8), "a TAP's name is short: \(name.debugDescription)")
      let mac = Identity.mac(vm: text, interface: text, salt: salt)
      hold(mac.isLocallyAdministered && !mac.isMulticast, "a MAC is one that an interface can have: \(mac)")
    }
  }

  private static func checkIdentity(_ key: AttachmentKey) {
    hold(Identifier(text: key.vm.description) == key.vm, "printed and read, the same")
    for salt in 0...2 {
      let name = Identity.tapName(vm: key.vm.rawValue, interface: key.interface.rawValue, salt: salt)
      hold(
        (try? InterfaceName(parsing: name)) != nil, "a TAP's name is one that Linux takes: \(name.debugDescription)")
    }
    for mark in [OwnerMark.network(key.vm), .attachment(network: key.vm, key: key)] {
      hold(OwnerMark(alias: mark.alias) == mark, "a mark is read as it was written: \(mark.alias)")
    }
    checkAttachment(key)
  }

  /// `ip=` has nine fields at most, and the placeholders of `run` come out filled.
  private static func checkAttachment(_ key: AttachmentKey) {
    let network = Network(name: .default, subnet: Network.defaultSubnet, bridge: Network.defaultBridge)
    let lease = Lease(
      key: key, network: .default, address: network.subnet.firstGuest,
      mac: Identity.mac(vm: key.vm.rawValue, interface: key.interface.rawValue), tapName: Network.defaultBridge)
    let attachment = Attachment(lease, in: network)
    let fields = attachment.bootArguments.split(separator: ":", omittingEmptySubsequences: false)
    hold(fields.count == 7 && fields[0] == "ip=172.30.0.2", "boot arguments: \(attachment.bootArguments)")
    hold(attachment.filling("{vmId}{{bootArgs}") == "\(key.vm){\(attachment.bootArguments)", "placeholders")
    for format in AttachmentFormat.allCases { hold(!format.lines(attachment).isEmpty, "printed as \(format)") }
  }

  private static func checkOwner(_ owner: TapOwner, _ text: String) {
    let again = try? TapOwner(option: owner.gid.map { "\(owner.uid):\($0)" } ?? "\(owner.uid)")
    hold(again == owner, "printed and read, the same: \(text.debugDescription)")
  }
}
