import NFTables
import NetTypes

/// Text about networks and guests that no rule uses, in a set's comments: by bridge or TAP, in numbered pieces.
enum Notes {
  static let set = TypedSet<InterfaceName, UInt16>(RulesetTables.inet.id, "notes")

  /// In bytes.
  private static let pieceSize = UserData.longestComment

  /// - Parameter text: of ASCII without quotation marks; empty for no element.
  static func elements(_ text: String, about link: InterfaceName) -> [(NamedSet, Element)] {
    let bytes = Array(text.utf8)
    return stride(from: 0, to: bytes.count, by: pieceSize).enumerated().map { number, start in
      let piece = bytes[start..<min(start + pieceSize, bytes.count)]
      return set.element(link, UInt16(number), comment: String(decoding: piece, as: UTF8.self))
    }
  }

  /// The texts, by link.
  static func texts(in elements: [Element]) -> [InterfaceName: String] {
    var pieces: [InterfaceName: [UInt16: String]] = [:]
    for element in elements {
      if let (link, number) = set.key(of: element) { pieces[link, default: [:]][number] = element.comment }
    }
    return pieces.mapValues { $0.sorted { $0.key < $1.key }.map(\.value).joined() }
  }
}
