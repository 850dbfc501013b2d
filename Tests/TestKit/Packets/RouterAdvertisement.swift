public import NetTypes

/// What a router advertisement says (RFC 4861, 4.2).
public struct RouterAdvertisement: Hashable, Sendable {
  public var hopLimit: UInt8
  /// M, addresses by DHCPv6, is 0x80; O, other things by DHCPv6, is 0x40.
  public var flags: UInt8
  /// In seconds: how long the sender is a default router; zero where it is none.
  public var lifetime: UInt16
  public var prefixes: [Prefix] = []
  /// In bytes.
  public var mtu: UInt32?
  /// Of the sender.
  public var mac: MACAddress?
  /// The types of all other options.
  public var others: [UInt8] = []

  public struct Prefix: Hashable, Sendable {
    public var address: IPv6Address
    public var length: UInt8
    /// L, on-link, is 0x80; A, for addresses that hosts make themselves, is 0x40.
    public var flags: UInt8
    /// In seconds; all ones is for ever.
    public var validLifetime: UInt32
    public var preferredLifetime: UInt32

    public init(
      _ address: IPv6Address, length: UInt8, flags: UInt8, validLifetime: UInt32, preferredLifetime: UInt32
    ) {
      self.address = address
      self.length = length
      self.flags = flags
      self.validLifetime = validLifetime
      self.preferredLifetime = preferredLifetime
    }
  }

  public init(hopLimit: UInt8 = 64, flags: UInt8, lifetime: UInt16) {
    self.hopLimit = hopLimit
    self.flags = flags
    self.lifetime = lifetime
  }

  init(parsing body: [UInt8]) throws(PacketError) {
    var reader = PacketReader(body, of: "router advertisement")
    self.init(hopLimit: try reader.uint8(), flags: try reader.uint8(), lifetime: try reader.uint16())
    _ = try reader.bytes(8)
    while !reader.remaining.isEmpty {
      let (type, length) = (try reader.uint8(), Int(try reader.uint8()) * 8)
      var option = PacketReader(Array(try reader.bytes(length - 2)), of: "option of neighbour discovery")
      switch (type, length) {
      case (1, 8): mac = try option.macAddress()
      case (3, 32): prefixes.append(try Prefix(&option))
      case (5, 8):
        _ = try option.uint16()
        mtu = try option.uint32()
      default: others.append(type)
      }
    }
  }
}

extension RouterAdvertisement.Prefix {
  fileprivate init(_ reader: inout PacketReader) throws(PacketError) {
    (length, flags) = (try reader.uint8(), try reader.uint8())
    (validLifetime, preferredLifetime) = (try reader.uint32(), try reader.uint32())
    _ = try reader.uint32()
    address = try reader.ipv6Address()
  }
}

extension ICMPv6Message {
  /// What a router advertisement says; nil for any other message, and one that is cut short.
  public var routerAdvertisement: RouterAdvertisement? {
    type == Self.routerAdvertisement ? try? RouterAdvertisement(parsing: body) : nil
  }
}
