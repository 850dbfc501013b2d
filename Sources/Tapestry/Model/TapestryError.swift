/// The error type of every operation of Tapestry.
///
/// Switch on `code`. `message` is for humans and says what to do. If the kernel refused an operation, `cause` has the
/// operation, the errno and the kernel's own message.
public struct TapestryError: Error, Hashable, Sendable {
  public var code: Code
  public var message: String
  public var cause: Cause?

  public init(_ code: Code, _ message: String, cause: Cause? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The answer of the kernel or SQLite.
  public struct Cause: Hashable, Sendable {
    /// The failed operation: `create bridge svbr0`.
    public var operation: String
    /// errno(3); nil if the answer did not come from the kernel.
    public var errno: Int32?
    /// The answer as text.
    public var message: String

    public init(operation: String, errno: Int32?, message: String) {
      self.operation = operation
      self.errno = errno
      self.message = message
    }
  }

  /// A stable, machine-readable reason. New codes may be added.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }
  }
}

extension TapestryError.Code {
  // The original's codes.
  public static let invalidSubnet = Self(rawValue: "INVALID_SUBNET")
  public static let invalidInterfaceName = Self(rawValue: "INVALID_INTERFACE_NAME")
  public static let ipExhausted = Self(rawValue: "IP_EXHAUSTED")
  public static let bridgeSetupFailed = Self(rawValue: "BRIDGE_SETUP_FAILED")
  public static let tapCreateFailed = Self(rawValue: "TAP_CREATE_FAILED")
  // Additional codes: errors in a request.
  public static let invalidName = Self(rawValue: "INVALID_NAME")
  public static let invalidMAC = Self(rawValue: "INVALID_MAC")
  public static let invalidAddress = Self(rawValue: "INVALID_ADDRESS")
  public static let invalidMode = Self(rawValue: "INVALID_MODE")
  public static let invalidMTU = Self(rawValue: "INVALID_MTU")
  public static let invalidOwner = Self(rawValue: "INVALID_OWNER")
  public static let invalidPort = Self(rawValue: "INVALID_PORT")
  public static let invalidRate = Self(rawValue: "INVALID_RATE")
  public static let invalidLimit = Self(rawValue: "INVALID_LIMIT")
  public static let invalidPolicy = Self(rawValue: "INVALID_POLICY")
  public static let invalidProcess = Self(rawValue: "INVALID_PROCESS")
  public static let networkNotFound = Self(rawValue: "NETWORK_NOT_FOUND")
  public static let networkExists = Self(rawValue: "NETWORK_EXISTS")
  public static let networkInUse = Self(rawValue: "NETWORK_IN_USE")
  public static let subnetOverlap = Self(rawValue: "SUBNET_OVERLAP")
  public static let attachmentNotFound = Self(rawValue: "ATTACHMENT_NOT_FOUND")
  public static let attachmentConflict = Self(rawValue: "ATTACHMENT_CONFLICT")
  public static let addressInUse = Self(rawValue: "ADDRESS_IN_USE")
  /// A host port that another attachment publishes or a program uses.
  public static let portInUse = Self(rawValue: "PORT_IN_USE")
  public static let portNotFound = Self(rawValue: "PORT_NOT_FOUND")
  public static let addressOutOfSubnet = Self(rawValue: "ADDRESS_OUT_OF_SUBNET")
  // Additional codes: errors of the host.
  public static let bridgeFull = Self(rawValue: "BRIDGE_FULL")
  public static let notOwned = Self(rawValue: "NOT_OWNED")
  public static let notPermitted = Self(rawValue: "NOT_PERMITTED")
  public static let stateCorrupt = Self(rawValue: "STATE_CORRUPT")
  public static let stateUnavailable = Self(rawValue: "STATE_UNAVAILABLE")
  /// The kernel objects belong to another state file, or the file belongs to another network namespace.
  public static let stateMismatch = Self(rawValue: "STATE_MISMATCH")
  public static let kernelUnsupported = Self(rawValue: "KERNEL_UNSUPPORTED")
  /// A network's dnsmasq is not installed, or could not be started, reloaded or stopped.
  public static let nameServerFailed = Self(rawValue: "NAME_SERVER_FAILED")
  /// A VMM could not be started or supervised.
  public static let runFailed = Self(rawValue: "RUN_FAILED")
  /// Removal failed in part. The message lists every failure.
  public static let cleanupFailed = Self(rawValue: "CLEANUP_FAILED")
  /// The kernel refused an operation that has no specific code.
  public static let kernelRefused = Self(rawValue: "KERNEL_REFUSED")
}

extension TapestryError: CustomStringConvertible {
  public var description: String { "\(message) (\(code))" }
}
