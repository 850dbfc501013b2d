/// A packet field that a rule can load, compare and look up: `ip saddr`, `meta iifname`, `ct state`.
public struct Field: Hashable, Sendable, CustomStringConvertible {
  /// How the field is loaded.
  enum Source: Hashable, Sendable {
    case meta(Meta.Key)
    case ct(ConnectionTracking.Key, ConnectionTracking.Direction?)
    case fib(RouteLookup.Result, RouteLookup.Flags)
    case route(RouteProperty.Key)
    case payload(Payload.Base, offset: UInt32, length: UInt32, checksum: Payload.Checksum = .none)
    /// A field of an IPv6 extension header, which is given by its number.
    case extensionHeader(UInt8, offset: UInt32, length: UInt32)
    /// Whether the packet has the IPv6 extension header.
    case hasExtensionHeader(UInt8)
  }

  /// The name in nft(8): `ip saddr`.
  public var description: String
  /// The type of the value.
  public var type: DataType
  var source: Source
  /// The protocols that a packet must have to contain the field. A rule checks them before it loads the field.
  var requirements: [Requirement] = []

  init(_ name: String, _ type: DataType, _ source: Source, _ requirements: Requirement...) {
    description = name
    self.type = type
    self.source = source
    self.requirements = requirements
  }

  func load(into register: Register) -> Expression {
    switch source {
    case .meta(let key): Expression(.meta(Meta(key, .load(register))))
    case .ct(let key, let direction):
      Expression(.ct(ConnectionTracking(key: key, access: .load(register), direction: direction)))
    case .route(let key): Expression(.route(RouteProperty(key: key, destination: register)))
    case .fib(let result, let flags): Expression(.fib(RouteLookup(result: result, flags: flags, destination: register)))
    case .payload(let base, let offset, let length, _):
      Expression(.payload(Payload(base: base, offset: offset, length: length, access: .load(register))))
    case .extensionHeader(let number, let offset, let length):
      Expression(
        .extensionHeader(
          ExtensionHeader(kind: .ipv6, type: number, offset: offset, length: length, access: .load(register))))
    case .hasExtensionHeader(let number):
      // A byte of 0 or 1.
      Expression(
        .extensionHeader(
          ExtensionHeader(
            kind: .ipv6, type: number, offset: 0, length: 1, access: .load(register), loadsPresence: true)))
    }
  }

  /// Returns nil if the field cannot be set.
  func store(from register: Register) -> Expression? {
    switch source {
    case .meta(let key): Expression(.meta(Meta(key, .store(register))))
    case .ct(let key, let direction):
      Expression(.ct(ConnectionTracking(key: key, access: .store(register), direction: direction)))
    case .fib, .route, .extensionHeader, .hasExtensionHeader: nil
    case .payload(let base, let offset, let length, let checksum):
      Expression(
        .payload(Payload(base: base, offset: offset, length: length, access: .store(register), checksum: checksum)))
    }
  }
}
