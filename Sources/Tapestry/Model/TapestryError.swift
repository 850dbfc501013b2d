/// What every operation of Tapestry throws.
///
/// Switch on `code`; `message` is for people and says what to do. Where the kernel refused something, `cause` keeps
/// its errno, the operation and its own words.
public struct TapestryError: Error, Hashable, Sendable {
  public var code: Code
  public var message: String
  public var cause: Cause?

  public init(_ code: Code, _ message: String, cause: Cause? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// What the kernel, or SQLite, answered.
  public struct Cause: Hashable, Sendable {
    /// What was tried: `create bridge svbr0`.
    public var operation: String
    /// errno(3); nil where the answer was not the kernel's.
    public var errno: Int32?
    /// The answer in words.
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
  // The original's.
  public static let invalidSubnet = Self(rawValue: "INVALID_SUBNET")
  public static let invalidInterfaceName = Self(rawValue: "INVALID_INTERFACE_NAME")
  public static let ipExhausted = Self(rawValue: "IP_EXHAUSTED")
  public static let bridgeSetupFailed = Self(rawValue: "BRIDGE_SETUP_FAILED")
  public static let tapCreateFailed = Self(rawValue: "TAP_CREATE_FAILED")
  // Ours: what was asked for.
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
  /// A port of the host that another attachment, or a program, has.
  public static let portInUse = Self(rawValue: "PORT_IN_USE")
  public static let portNotFound = Self(rawValue: "PORT_NOT_FOUND")
  public static let addressOutOfSubnet = Self(rawValue: "ADDRESS_OUT_OF_SUBNET")
  // Ours: the host.
  public static let bridgeFull = Self(rawValue: "BRIDGE_FULL")
  public static let notOwned = Self(rawValue: "NOT_OWNED")
  public static let notPermitted = Self(rawValue: "NOT_PERMITTED")
  public static let stateCorrupt = Self(rawValue: "STATE_CORRUPT")
  public static let stateUnavailable = Self(rawValue: "STATE_UNAVAILABLE")
  /// The kernel's side is another state file's, or the file is of another network namespace.
  public static let stateMismatch = Self(rawValue: "STATE_MISMATCH")
  public static let kernelUnsupported = Self(rawValue: "KERNEL_UNSUPPORTED")
  /// A network's dnsmasq is not installed, or could not be started, told, or ended.
  public static let nameServerFailed = Self(rawValue: "NAME_SERVER_FAILED")
  /// A VMM could not be started or watched over.
  public static let runFailed = Self(rawValue: "RUN_FAILED")
  /// Teardown met failures; the message lists every one.
  public static let cleanupFailed = Self(rawValue: "CLEANUP_FAILED")
  /// The kernel refused something that has no code of its own.
  public static let kernelRefused = Self(rawValue: "KERNEL_REFUSED")
}

extension TapestryError: CustomStringConvertible {
  public var description: String { "\(message) (\(code))" }
}
