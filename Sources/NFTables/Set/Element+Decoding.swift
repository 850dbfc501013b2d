import CLinux
import Netlink

extension Element {
  /// Combines stored elements into elements and ranges, in ascending order of their keys.
  static func elements(_ stored: [StoredElement], of set: NamedSet) throws(DecodingFailure) -> [Element] {
    // If one range ends and the next begins at the same key, the end comes first.
    let sorted = stored.sorted {
      $0.key == $1.key
        ? $0.flags.contains(.intervalEnd) && !$1.flags.contains(.intervalEnd)
        : $0.key.lexicographicallyPrecedes($1.key)
    }
    var elements: [Element] = []
    elements.reserveCapacity(sorted.count)
    for (index, part) in sorted.enumerated() where !part.flags.contains(.intervalEnd) {
      var end = part.keyEnd
      if set.storesIntervalEnds, !part.flags.contains(.catchAll) {
        let next = index + 1 < sorted.count ? sorted[index + 1] : nil
        end = next?.key.predecessor ?? [UInt8](repeating: 0xff, count: part.key.count)
      }
      elements.append(try part.element(through: end, of: set))
    }
    return elements
  }
}

extension StoredElement {
  fileprivate func element(through end: [UInt8]?, of set: NamedSet) throws(DecodingFailure) -> Element {
    var element = element
    element.userData[Self.openIntervalType] = nil
    guard !flags.contains(.catchAll) else { return element }
    element.key = try [Datum](keyBytes: key, set.keyTypes)
    if let end, end != key {
      // Keys may differ only in their padding, which has no meaning.
      let keyEnd = try [Datum](keyBytes: end, set.keyTypes)
      if keyEnd != element.key { element.keyEnd = keyEnd }
    }
    // In a set with a default timeout, each element has that timeout. Some kernel versions report it, others do not.
    if element.timeout == set.timeout { element.timeout = nil }
    return element
  }
}
