import CLinux
import Netlink

/// An element as the kernel stores it. In a set with a single key type, a range is two elements: its first key, and the
/// key after its last with NFT_SET_ELEM_INTERVAL_END.
struct StoredElement {
  /// NFT_SET_ELEM_ flags.
  struct Flags: OptionSet {
    var rawValue: UInt32

    static let intervalEnd = Flags(rawValue: 0x1)
    static let catchAll = Flags(rawValue: 0x2)
  }

  var flags: Flags = []
  var key: [UInt8] = []
  var keyEnd: [UInt8]?
  var element: Element

  /// The catch-all element of a request, without data.
  static let catchAll = StoredElement(flags: .catchAll, element: Element(key: []))

  /// Returns the stored elements of an element, in the order in which nft sends them.
  static func parts(of element: Element, in set: NamedSet) -> [StoredElement] {
    if element.key.isEmpty { return [StoredElement(flags: .catchAll, element: element)] }
    let key = element.key.keyBytes
    guard set.flags.contains(.interval) else { return [StoredElement(key: key, element: element)] }
    let end = (element.keyEnd ?? element.key).keyBytes
    guard set.storesIntervalEnds else { return [StoredElement(key: key, keyEnd: end, element: element)] }
    // A range up to the largest key has no end element. nft marks it as open.
    guard let after = end.successor else {
      var element = element
      element.userData[openIntervalType] = Datum.hostBytes(UInt32(1))
      return [StoredElement(key: key, element: element)]
    }
    return [
      StoredElement(key: key, element: element),
      StoredElement(flags: .intervalEnd, key: after, element: Element(key: [])),
    ]
  }

  /// NFTNL_UDATA_SET_ELEM_FLAGS, with SET_ELEM_F_INTERVAL_OPEN.
  static let openIntervalType: UInt8 = 1
}

// MARK: - Messages

extension StoredElement {
  func encode(into buffer: inout MessageBuffer) {
    buffer.nest(NFTA_LIST_ELEM) {
      if !flags.isEmpty { $0.put(NFTA_SET_ELEM_FLAGS, flags.rawValue) }
      if let timeout = element.timeout { $0.put(NFTA_SET_ELEM_TIMEOUT, long: timeout) }
      if let expiration = element.expiration { $0.put(NFTA_SET_ELEM_EXPIRATION, long: expiration) }
      if !flags.contains(.catchAll) { $0.data(NFTA_SET_ELEM_KEY, key) }
      if let keyEnd { $0.data(NFTA_SET_ELEM_KEY_END, keyEnd) }
      switch element.data {
      case .values(let values)?: $0.data(NFTA_SET_ELEM_DATA, values.keyBytes)
      case .verdict(let verdict)?: $0.nest(NFTA_SET_ELEM_DATA) { verdict.encode(into: &$0) }
      case .object?, nil: break
      }
      if !element.userData.entries.isEmpty { $0.put(NFTA_SET_ELEM_USERDATA, bytes: element.userData.bytes) }
      if case .object(let name)? = element.data { $0.put(NFTA_SET_ELEM_OBJREF, name) }
      $0.put(element.unknown)
    }
  }

  /// Decodes the attributes of an NFTA_LIST_ELEM. The keys are split later, when ranges have been combined.
  init(decoding attributes: RawSpan, in set: NamedSet) throws(DecodingFailure) {
    element = Element(key: [])
    try attributes.forEachAttribute { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_SET_ELEM_FLAGS.attribute: flags = Flags(rawValue: try value.bigEndian())
      case NFTA_SET_ELEM_KEY.attribute: key = try value.dataValue()
      case NFTA_SET_ELEM_KEY_END.attribute: keyEnd = try value.dataValue()
      case NFTA_SET_ELEM_DATA.attribute: element.data = try Element.Data(decoding: value, in: set)
      case NFTA_SET_ELEM_OBJREF.attribute:
        guard case .objects? = set.data else {
          throw DecodingFailure("an object in a set that is not a map of objects")
        }
        element.data = .object(value.string)
      case NFTA_SET_ELEM_TIMEOUT.attribute: element.timeout = try value.bigEndian()
      case NFTA_SET_ELEM_EXPIRATION.attribute: element.expiration = try value.bigEndian()
      case NFTA_SET_ELEM_USERDATA.attribute:
        element.userData = value.userData(type, orKeepIn: &element.unknown) ?? element.userData
      case NFTA_SET_ELEM_PAD.attribute: break
      default: element.unknown.append(RawAttribute(type: type, payload: value.array))
      }
    }
    if flags.contains(.catchAll) { (key, keyEnd) = ([], nil) }
  }
}

extension Element.Data {
  fileprivate init(decoding attributes: RawSpan, in set: NamedSet) throws(DecodingFailure) {
    var verdict: Verdict?
    var bytes: [UInt8] = []
    try attributes.forEachAttribute { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_DATA_VERDICT.attribute: verdict = try Verdict(decoding: value)
      case NFTA_DATA_VALUE.attribute: bytes = value.array
      default: break
      }
    }
    if let verdict {
      self = .verdict(verdict)
    } else if case .values(let types)? = set.data {
      self = .values(try [Datum](keyBytes: bytes, types))
    } else {
      throw DecodingFailure("data in a set that is not a map of values")
    }
  }
}

extension RawSpan {
  /// Reads NFTA_DATA_VALUE within a nest.
  func dataValue() throws(DecodingFailure) -> [UInt8] {
    var bytes: [UInt8]?
    try forEachAttribute { type, value throws(DecodingFailure) in
      if type == NFTA_DATA_VALUE.attribute { bytes = value.array }
    }
    guard let bytes else { throw DecodingFailure("data without a value") }
    return bytes
  }
}

extension [UInt8] {
  /// The next number, in network byte order; nil after the largest.
  var successor: [UInt8]? {
    var bytes = self
    for index in bytes.indices.reversed() {
      bytes[index] &+= 1
      if bytes[index] != 0 { return bytes }
    }
    return nil
  }

  /// The previous number, in network byte order; nil before 0.
  var predecessor: [UInt8]? {
    var bytes = self
    for index in bytes.indices.reversed() {
      bytes[index] &-= 1
      if bytes[index] != 0xff { return bytes }
    }
    return nil
  }
}
