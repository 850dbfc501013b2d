/// The user and group that may open a TAP without CAP_NET_ADMIN: tun(4).
public struct TapOwner: Hashable, Sendable, Codable {
  /// The user's id.
  public var uid: UInt32
  /// The group's id; nil: the user may open the TAP regardless of groups.
  public var gid: UInt32?

  /// Creates an owner.
  public init(uid: UInt32, gid: UInt32? = nil) {
    self.uid = uid
    self.gid = gid
  }

  /// The default owner. The kernel lets everybody open a TAP without an owner.
  static let root = TapOwner(uid: 0, gid: 0)
}

extension TapOwner: CustomStringConvertible {
  /// `1000:1000`, or `1000` without a group.
  public var description: String { gid.map { "\(uid):\($0)" } ?? "\(uid)" }
}
