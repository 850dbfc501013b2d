/// A difference between what should exist and what exists, and the step that repairs it.
public struct Drift: Hashable, Sendable {
  /// What differs.
  public var kind: Kind
  /// The network that it is about; nil if it is about the whole host.
  public var network: Identifier?
  /// The attachment that it is about; nil if it is about a whole network, or the host.
  public var vmID: Identifier?
  /// The interface of the VM; nil if `vmID` is nil.
  public var interfaceID: Identifier?
  /// In words: `TAP svweb1eth0 of web-1/eth0 is missing`.
  public var description: String
  /// What `repair` does about it; nil if Tapestry cannot repair it.
  public var step: String?

  /// What differs. More kinds may be added.
  public struct Kind: RawRepresentable, Hashable, Sendable, Codable {
    /// The kind as text, as it is encoded.
    public var rawValue: String

    /// Creates a kind from its text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The nf_tables tables.
    public static let ruleset = Self(rawValue: "ruleset")
    /// A network's bridge.
    public static let bridge = Self(rawValue: "bridge")
    /// An attachment's TAP.
    public static let tap = Self(rawValue: "tap")
    /// A link that carries our mark and belongs to nothing.
    public static let strayLink = Self(rawValue: "stray-link")
    /// Our rules in other firewalls.
    public static let firewall = Self(rawValue: "firewall")
    /// dnsmasq.
    public static let nameServer = Self(rawValue: "name-server")
    /// A sysctl that guests need, such as net.ipv4.ip_forward.
    public static let sysctl = Self(rawValue: "sysctl")
    /// A connection that no policy allows, or without the NAT that it should have.
    public static let connection = Self(rawValue: "connection")
    /// A lease whose VM has ended, or whose attach or detach was cut short.
    public static let lease = Self(rawValue: "lease")
    /// A network or an attachment that is in the kernel and not in the state file.
    public static let unknown = Self(rawValue: "unknown")
    /// Something in the way that is not ours.
    public static let conflict = Self(rawValue: "conflict")
  }

  /// Creates a difference. `repair` and `check` make them; tests of your own code can too.
  public init(
    _ kind: Kind, _ description: String, step: String?, network: Identifier? = nil, vmID: Identifier? = nil,
    interfaceID: Identifier? = nil
  ) {
    self.kind = kind
    self.description = description
    self.step = step
    self.network = network
    self.vmID = vmID
    self.interfaceID = interfaceID
  }

  init(_ kind: Kind, _ description: String, step: String?, network: Identifier?, key: AttachmentKey?) {
    self.init(kind, description, step: step, network: network, vmID: key?.vm, interfaceID: key?.interface)
  }
}

/// With `null` where there is no step; what it is not about is left out.
extension Drift: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, network
    case vmID = "vmId"
    case interfaceID = "interfaceId"
    case description, step
  }

  /// Encodes an object of the array that `check -o json` prints.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encodeIfPresent(network, forKey: .network)
    try values.encodeIfPresent(vmID, forKey: .vmID)
    try values.encodeIfPresent(interfaceID, forKey: .interfaceID)
    try values.encode(description, forKey: .description)
    try values.encode(step, forKey: .step)
  }
}
