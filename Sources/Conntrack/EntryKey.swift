import CLinux
import Glibc
import NetTypes
import Netlink

/// The attributes with which ctnetlink deletes exactly one entry. They are kept as the kernel sent them, not decoded, so
/// that nothing is lost.
struct EntryKey: Hashable {
  /// AF_INET or AF_INET6.
  var family: UInt8
  /// The payload of CTA_TUPLE_ORIG.
  var original: [UInt8]
  /// The payload of CTA_ZONE; nil if there is none. Entries in two zones may have the same tuple.
  var zone: [UInt8]?
  /// The payload of CTA_ID. A new entry may have the tuple of one that ended.
  var id: [UInt8]?

  /// Reads an entry's key. Returns nil unless one of its four addresses is in `addresses`.
  /// - Parameter payload: The payload of an IPCTNL_MSG_CT_NEW message.
  init?<Address: InternetAddress>(
    decoding payload: RawSpan, ifContaining addresses: Set<Address>
  ) throws(DecodingFailure) where Address.Bits: BitwiseCopyable {
    let (source, destination) =
      switch Address.family {
      case .v4: (CTA_IP_V4_SRC, CTA_IP_V4_DST)
      case .v6: (CTA_IP_V6_SRC, CTA_IP_V6_DST)
      }
    let isFound = try payload.conntrackEntryContains(source, destination) { value throws(DecodingFailure) in
      addresses.contains(Address(rawValue: Address.Bits(bigEndian: try value.exactly())))
    }
    guard isFound else { return nil }
    try self.init(decoding: payload)
  }

  /// - Parameter payload: The payload of an IPCTNL_MSG_CT_NEW message.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    family = try payload.integer(at: 0)
    var (original, zone, id): ([UInt8]?, [UInt8]?, [UInt8]?)
    try payload.forEachAttribute(from: NetfilterHeader.size) { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_TUPLE_ORIG.rawValue: original = value.array
      case CTA_ZONE.rawValue: zone = value.array
      case CTA_ID.rawValue: id = value.array
      default: break
      }
    }
    guard let original else { throw DecodingFailure("an entry without its original tuple") }
    self.original = original
    self.zone = zone
    self.id = id
  }
}

extension RawSpan {
  /// Returns true if `isWanted` holds for one of the four addresses of an IPCTNL_MSG_CT_NEW message. The two attributes
  /// select the address family.
  fileprivate func conntrackEntryContains(
    _ source: ctattr_ip, _ destination: ctattr_ip, _ isWanted: (RawSpan) throws(DecodingFailure) -> Bool
  ) throws(DecodingFailure) -> Bool {
    var isFound = false
    try forEachAttribute(from: NetfilterHeader.size) { type, tuple throws(DecodingFailure) in
      guard !isFound, [CTA_TUPLE_ORIG.rawValue, CTA_TUPLE_REPLY.rawValue].contains(UInt32(type)) else { return }
      try tuple.forEachAttribute { type, value throws(DecodingFailure) in
        guard UInt32(type) == CTA_TUPLE_IP.rawValue else { return }
        try value.forEachAttribute { type, value throws(DecodingFailure) in
          guard [source.rawValue, destination.rawValue].contains(UInt32(type)) else { return }
          if try isWanted(value) { isFound = true }
        }
      }
    }
    return isFound
  }
}

extension MessageBuffer {
  /// Appends an IPCTNL_MSG_CT_DELETE for one entry. The kernel answers ENOENT if it no longer exists.
  mutating func deleteConntrackEntry(_ key: EntryKey) {
    conntrackMessage(IPCTNL_MSG_CT_DELETE, family: Int32(key.family), operation: "delete a connection") { message in
      message.nest(CTA_TUPLE_ORIG.rawValue) { $0.append(contentsOf: key.original) }
      if let zone = key.zone { message.attribute(CTA_ZONE.rawValue, bytes: zone) }
      if let id = key.id { message.attribute(CTA_ID.rawValue, bytes: id) }
    }
  }
}
