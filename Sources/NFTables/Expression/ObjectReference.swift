import CLinux
import Netlink

/// Applies a stateful object, as if its expression stood in the rule: a limit matches or ends the rule. NFTA_OBJREF_.
public enum ObjectReference: Hashable, Sendable {
  /// The object of this name and type in the rule's table.
  case named(String, ObjectType)
  /// The object that a map has for the key that begins in this register. If the map has none, the rule ends.
  case map(String, key: Register)
}

extension ObjectReference: ExpressionBody {
  static let name = "objref"

  /// Omits NFTA_OBJREF_SET_ID: the kernel finds a map of the same transaction by name too.
  func encode(into buffer: inout MessageBuffer) {
    switch self {
    case .named(let name, let type):
      buffer.put(NFTA_OBJREF_IMM_TYPE, type.rawValue)
      buffer.put(NFTA_OBJREF_IMM_NAME, name)
    case .map(let set, let key):
      buffer.put(NFTA_OBJREF_SET_SREG, key)
      buffer.put(NFTA_OBJREF_SET_NAME, set)
    }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    if let key = try fields.register(NFTA_OBJREF_SET_SREG) {
      self = .map(try required(fields.string(NFTA_OBJREF_SET_NAME), "a map"), key: key)
    } else {
      let name = try required(fields.string(NFTA_OBJREF_IMM_NAME), "an object")
      let type: UInt32 = try required(fields.integer(NFTA_OBJREF_IMM_TYPE), "an object's type")
      self = .named(name, ObjectType(rawValue: type))
    }
  }
}
