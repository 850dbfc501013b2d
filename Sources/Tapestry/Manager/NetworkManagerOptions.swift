public import Logging
public import NetTypes

extension NetworkManager {
  /// How a manager works, and what the network `default` is when it is first used.
  public struct Options: Sendable {
    /// The bridge of the network `default`.
    public var bridgeName: InterfaceName
    /// The subnet of the network `default`.
    public var subnet: IPv4Subnet
    /// The state file; its directory is made when missing. Neither it nor a folder on the way may be others' to change.
    public var statePath: String
    /// The network namespace to work in, as a path (`/run/netns/blue`, `/proc/PID/ns/net`); nil for that of
    /// the thread that makes the manager. No thread of the caller's, or of Swift's pool, is ever moved there.
    public var networkNamespacePath: String?
    /// Told, at debug level, of every step that is carried out, on a thread in the namespace of the process.
    public var logger: Logger

    /// The default state file, `/var/lib/tapestry/state.db`.
    public static let defaultStatePath = "/var/lib/tapestry/state.db"

    /// Creates options. What is left out has its default.
    public init(
      bridgeName: InterfaceName = Network.defaultBridge, subnet: IPv4Subnet = Network.defaultSubnet,
      statePath: String = Self.defaultStatePath, networkNamespacePath: String? = nil,
      logger: Logger = Logger(label: "tapestry", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
      self.bridgeName = bridgeName
      self.subnet = subnet
      self.statePath = statePath
      self.networkNamespacePath = networkNamespacePath
      self.logger = logger
    }

    /// Options as text, as the original takes them.
    /// - Throws: `INVALID_INTERFACE_NAME`, `INVALID_SUBNET`.
    public init(bridgeName: String, subnet: String) throws(TapestryError) {
      self.init(
        bridgeName: try Validation.interfaceName(bridgeName, field: "bridgeName"),
        subnet: try Validation.subnet(subnet))
    }
  }
}
