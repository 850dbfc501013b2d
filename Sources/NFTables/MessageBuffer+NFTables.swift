import CLinux
import Netlink

/// The integers of nf_tables are in network byte order.
extension MessageBuffer {
  mutating func put(_ type: some RawRepresentable<UInt32>, _ value: UInt32) {
    attribute(type.rawValue, bigEndian: value)
  }

  mutating func put(_ type: some RawRepresentable<UInt32>, long value: UInt64) {
    attribute(type.rawValue, bigEndian: value)
  }

  mutating func put(_ type: some RawRepresentable<UInt32>, _ register: Register) {
    attribute(type.rawValue, bigEndian: register.number)
  }

  mutating func put(
    _ access: Access, load: some RawRepresentable<UInt32>, store: some RawRepresentable<UInt32>
  ) {
    switch access {
    case .load(let register): put(load, register)
    case .store(let register): put(store, register)
    }
  }

  mutating func put(_ type: some RawRepresentable<UInt32>, _ string: String) {
    attribute(type.rawValue, string)
  }

  /// Appends what identifies an object within its family: the name of its table, and its own.
  mutating func put(
    _ tableType: some RawRepresentable<UInt32>, _ nameType: some RawRepresentable<UInt32>, _ table: Table.ID,
    _ name: String
  ) {
    put(tableType, table.name)
    put(nameType, name)
  }

  mutating func put(_ type: some RawRepresentable<UInt32>, bytes: some Collection<UInt8>) {
    attribute(type.rawValue, bytes: bytes)
  }

  mutating func put(_ attributes: [RawAttribute]) {
    for each in attributes { attribute(each.type, bytes: each.payload) }
  }

  mutating func nest<E: Error>(
    _ type: some RawRepresentable<UInt32>, _ body: (inout MessageBuffer) throws(E) -> Void
  ) throws(E) {
    try nest(type.rawValue, body)
  }

  /// Appends a `struct nft_data`: NFTA_DATA_VALUE in a nest of the given type.
  mutating func data(_ type: some RawRepresentable<UInt32>, _ bytes: [UInt8]) {
    nest(type) { $0.put(NFTA_DATA_VALUE, bytes: bytes) }
  }

  /// Appends a message of the nf_tables subsystem: `struct nfgenmsg`, then attributes.
  mutating func message(
    _ type: MessageType, _ flags: MessageFlags, _ family: Family?, operation: String = "",
    _ body: (inout MessageBuffer) -> Void
  ) {
    message(UInt16(NFNL_SUBSYS_NFTABLES) << 8 | type.rawValue, flags.union(.request), operation: operation) {
      $0.append(family?.rawValue ?? UInt8(NFPROTO_UNSPEC))
      $0.append(UInt8(NFNETLINK_V0))
      $0.append(UInt16(0))
      body(&$0)
    }
  }

  /// Appends NFNL_MSG_BATCH_BEGIN or NFNL_MSG_BATCH_END.
  mutating func batchBoundary(_ type: some BinaryInteger, generation: UInt32? = nil) {
    message(UInt16(truncatingIfNeeded: type), .request, operation: "change the ruleset") {
      $0.append(UInt8(NFPROTO_UNSPEC))
      $0.append(UInt8(NFNETLINK_V0))
      $0.append(UInt16(NFNL_SUBSYS_NFTABLES).bigEndian)
      if let generation { $0.put(NFNL_BATCH_GENID, generation) }
    }
  }
}

/// NFT_MSG_ of linux/netfilter/nf_tables.h.
enum MessageType: UInt16 {
  case newTable = 0
  case getTable, deleteTable
  case newChain, getChain, deleteChain
  case newRule, getRule, deleteRule
  case newSet, getSet, deleteSet
  case newElement, getElement, deleteElement
  case newGeneration, getGeneration
  case newObject = 18
  case getObject, deleteObject
}

extension RawRepresentable where RawValue == UInt32 {
  /// The attribute type as read. Swift imports the enumerators of attribute enums as 32-bit integers.
  var attribute: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}
