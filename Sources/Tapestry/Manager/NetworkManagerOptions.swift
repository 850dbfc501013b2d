public import Logging
public import NetTypes

extension NetworkManager {
  /// How a manager works, and what the network `default` will be when it is first used.
  public struct Options: Sendable {
    /// The bridge of the network `default`.
    public var bridgeName: InterfaceName
    /// The subnet of the network `default`.
    public var subnet: IPv4Subnet
    /// The state file. Its directory is made if it does not exist. No other user may be able to change the file or a folder
    /// on its path.
    public var statePath: String
    /// The path of the network namespace to work in (`/run/netns/blue`, `/proc/PID/ns/net`); nil for the namespace of the
    /// thread that creates the manager. No thread of the caller or of Swift's pool ever moves there.
    public var networkNamespacePath: String?
    /// Logs each step that is applied, at debug level, on a thread in the process's namespace.
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
