import CLinux
import Netlink

extension StatefulObject {
  /// Appends the attributes, in the order of nft(8).
  func encode(into buffer: inout MessageBuffer) {
    buffer.put(id)
    if !userData.entries.isEmpty { buffer.put(NFTA_OBJ_USERDATA, bytes: userData.bytes) }
    switch kind {
    case .limit(let limit):
      buffer.nest(NFTA_OBJ_DATA) {
        limit.encode(into: &$0)
        $0.put(unknownData)
      }
    case .other(_, let data): buffer.attribute(NFTA_OBJ_DATA.attribute | UInt16(NLA_F_NESTED), bytes: data)
    }
    buffer.put(unknown)
  }

  /// Decodes the payload of NFT_MSG_NEWOBJ: `struct nfgenmsg`, then attributes.
  init(decoding payload: RawSpan) throws(DecodingFailure) {
    self.init(Table.ID(try payload.family(), ""), "", .other(ObjectType(rawValue: 0), data: []))
    var type = ObjectType(rawValue: 0)
    var data: [UInt8] = []
    try payload.forEachAttribute(from: RawSpan.familyHeaderBytes) { attribute, value throws(DecodingFailure) in
      switch attribute {
      case NFTA_OBJ_TABLE.attribute: table.name = value.string
      case NFTA_OBJ_NAME.attribute: name = value.string
      case NFTA_OBJ_TYPE.attribute: type = ObjectType(rawValue: try value.bigEndian())
      case NFTA_OBJ_DATA.attribute: data = value.array
      case NFTA_OBJ_USERDATA.attribute: userData = value.userData(attribute, orKeepIn: &unknown) ?? userData
      // Set by the kernel: the handle, and the number of rules and elements that use the object.
      case NFTA_OBJ_HANDLE.attribute, NFTA_OBJ_USE.attribute, NFTA_OBJ_PAD.attribute: break
      default: unknown.append(RawAttribute(type: attribute, payload: value.array))
      }
    }
    // Data that this code cannot decode is kept as it is.
    kind = .other(type, data: data)
    guard type == .limit else { return }
    do throws(DecodingFailure) {
      var fields = try Fields(data)
      kind = .limit(try Limit(decoding: &fields))
      unknownData = fields.rest
    } catch {
      // A newer kernel has a value that this code does not know.
    }
  }
}

extension MessageBuffer {
  /// Appends the attributes that identify an object.
  mutating func put(_ object: StatefulObject.ID) {
    put(NFTA_OBJ_TABLE, NFTA_OBJ_NAME, object.table, object.name)
    put(NFTA_OBJ_TYPE, object.type.rawValue)
  }
}
