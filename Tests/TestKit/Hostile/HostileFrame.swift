/// A frame, or any bytes, that a guest hands to its TAP, with what its VMM says of it.
public struct HostileFrame: Hashable, Sendable {
  public var bytes: [UInt8]
  public var header = VirtioNetHeader()

  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// One attempt of a guest's to get something somewhere: mostly one frame, or the fragments of a packet.
public struct HostileAttempt: Hashable, Sendable {
  /// In the run: with the seed, all there is to make it again.
  public var index: UInt32
  public var frames: [HostileFrame]
  /// How it was made, a word a layer or a twist.
  public var recipe: [String]

  public init(index: UInt32, frames: [HostileFrame], recipe: [String]) {
    self.index = index
    self.frames = frames
    self.recipe = recipe
  }
}

extension HostileAttempt: CustomStringConvertible {
  public var description: String {
    let lines = frames.map { frame in
      let header =
        frame.header == VirtioNetHeader()
        ? "" : "vnet \(frame.header.bytes.hex) \(frame.header.words)\n    "
      return "  \(header)\(frame.bytes.prefix(400).hex)\(frame.bytes.count > 400 ? "… \(frame.bytes.count) bytes" : "")"
    }
    return "attempt \(index): \(recipe.joined(separator: ", "))\n" + lines.joined(separator: "\n")
  }
}

extension VirtioNetHeader {
  fileprivate var words: String {
    "(flags \(flags), gso \(segmentation) of \(segmentSize), sum from \(checksumStart) at \(checksumStart &+ checksumOffset))"
  }
}

extension Sequence<UInt8> {
  /// Two digits a byte.
  public var hex: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
