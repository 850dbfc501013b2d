public import NetTypes

extension Element {
  /// All addresses of a prefix, for a set with the flag `interval`.
  public init(_ prefix: IPv4Prefix, data: Data? = nil, comment: String? = nil) {
    self.init(
      key: [.ipv4(prefix.address)], through: [.ipv4(prefix.lastAddress)], data: data, comment: comment)
  }

  /// All addresses of a prefix, for a set with the flag `interval`.
  public init(_ prefix: IPv6Prefix, data: Data? = nil, comment: String? = nil) {
    self.init(
      key: [.ipv6(prefix.address)], through: [.ipv6(prefix.lastAddress)], data: data, comment: comment)
  }
}
