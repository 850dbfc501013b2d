extension TestNamespace {
  /// One end of a veth(4) pair: its name, and an address with prefix length, `198.51.100.1/24`, where it has one.
  public struct VethEnd: Sendable {
    public var name: String
    public var address: String?

    public init(_ name: String, _ address: String? = nil) {
      self.name = name
      self.address = address
    }
  }

  /// Joins this namespace to another by a veth pair whose ends are up.
  public func connect(_ end: VethEnd, to other: TestNamespace, _ otherEnd: VethEnd) async throws {
    try await command(
      "ip", "link", "add", end.name, "type", "veth", "peer", "name", otherEnd.name, "netns", other.path)
    try await configure(end)
    try await other.configure(otherEnd)
  }

  private func configure(_ end: VethEnd) async throws {
    if let address = end.address { try await command("ip", "address", "add", address, "dev", end.name) }
    try await command("ip", "link", "set", end.name, "up")
  }
}
