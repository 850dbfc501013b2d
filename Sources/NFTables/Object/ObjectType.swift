import CLinux

/// What a stateful object is: NFT_OBJECT_ of linux/netfilter/nf_tables.h. Objects of two types may share a name.
public struct ObjectType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ type: Int32) { rawValue = UInt32(type) }

  public static let counter = ObjectType(NFT_OBJECT_COUNTER)
  public static let quota = ObjectType(NFT_OBJECT_QUOTA)
  public static let limit = ObjectType(NFT_OBJECT_LIMIT)
}

extension ObjectType: CustomStringConvertible {
  /// The word that nft(8) uses: `limit`.
  public var description: String {
    switch self {
    case .counter: "counter"
    case .quota: "quota"
    case .limit: "limit"
    default: "object_\(rawValue)"
    }
  }
}
