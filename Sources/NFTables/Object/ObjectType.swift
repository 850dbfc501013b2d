import CLinux

/// The type of a stateful object: NFT_OBJECT_ of linux/netfilter/nf_tables.h. Objects of different types may share a name.
public struct ObjectType: RawRepresentable, Hashable, Sendable {
  /// The NFT_OBJECT_ number.
  public var rawValue: UInt32

  /// The type with this NFT_OBJECT_ number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ type: Int32) { rawValue = UInt32(type) }

  /// NFT_OBJECT_COUNTER.
  public static let counter = ObjectType(NFT_OBJECT_COUNTER)
  /// NFT_OBJECT_QUOTA.
  public static let quota = ObjectType(NFT_OBJECT_QUOTA)
  /// NFT_OBJECT_LIMIT.
  public static let limit = ObjectType(NFT_OBJECT_LIMIT)
}

extension ObjectType: CustomStringConvertible {
  /// The keyword of nft(8): `limit`.
  public var description: String {
    switch self {
    case .counter: "counter"
    case .quota: "quota"
    case .limit: "limit"
    default: "object_\(rawValue)"
    }
  }
}
