/// The services that guests may reach on the host itself, at any of its addresses.
public struct HostAccess: Hashable, Sendable {
  /// The services. Empty: none.
  public var services: Set<Service>

  /// A service of the host.
  public enum Service: Hashable, Sendable {
    /// Echo requests.
    case icmp
    /// Port 53, TCP and UDP.
    case dns
    /// All services.
    case all
    /// A range of ports, in host byte order.
    case ports(ClosedRange<UInt16>, Transport)
  }

  /// The services in any order.
  package var list: [Service] {
    get { Array(services) }
    set { services = Set(newValue) }
  }

  /// Creates host access to these services.
  public init(_ services: Set<Service>) { self.services = services }

  /// Access to no service, not even to ping.
  public static let nothing = HostAccess([])
  /// The default.
  public static let standard = HostAccess([.icmp])
}

extension HostAccess: CustomStringConvertible {
  /// `icmp,8080/tcp`.
  public var description: String {
    services.isEmpty ? "none" : services.map(\.description).sorted().joined(separator: ",")
  }

  /// Parses `none`, or one or more of `icmp`, `dns`, `all` and `PORT[-PORT]/tcp|udp`, separated by commas.
  /// - Throws: `INVALID_POLICY`.
  public init(parsing text: String) throws(TapestryError) {
    guard text != "none" else {
      self = .nothing
      return
    }
    var services: Set<Service> = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let service = Service(text: String(word)) else {
        throw TapestryError(
          .invalidPolicy,
          "Invalid host access '\(word)': expected none, or one or more of icmp, dns, all and PORT[-PORT]/tcp|udp, "
            + "separated by commas")
      }
      services.insert(service)
    }
    self.init(services)
  }
}

extension HostAccess.Service: CustomStringConvertible {
  /// The service in the syntax of `HostAccess(parsing:)`: `8080/tcp`.
  public var description: String {
    switch self {
    case .icmp: "icmp"
    case .dns: "dns"
    case .all: "all"
    case .ports(let ports, let transport): "\(ports.text)/\(transport.rawValue)"
    }
  }

  /// Returns nil if the text is not a service.
  init?(text: String) {
    switch text {
    case "icmp": self = .icmp
    case "dns": self = .dns
    case "all": self = .all
    default:
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let ports = ClosedRange<UInt16>(text: parts[0]), ports.lowerBound > 0,
        let transport = Transport(rawValue: parts[1])
      else { return nil }
      self = .ports(ports, transport)
    }
  }
}

/// An array of services: `["8080/tcp", "icmp"]`.
extension HostAccess: Codable {
  /// Decodes an array of services.
  public init(from decoder: any Decoder) throws {
    let services = try [String](from: decoder)
    self = services.isEmpty ? .nothing : try HostAccess(parsing: services.joined(separator: ","))
  }

  /// Encodes an array of services, sorted by their text.
  public func encode(to encoder: any Encoder) throws { try services.map(\.description).sorted().encode(to: encoder) }
}
