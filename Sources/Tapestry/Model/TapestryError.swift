/// The error type of every operation of Tapestry.
///
/// Switch on `code`. `message` is for humans and says what to do; `remedies` has the calls and settings that it names. If the
/// kernel refused an operation, `cause` has the operation, the errno and the kernel's own message.
public struct TapestryError: Error, Hashable, Sendable {
  /// The reason, for programs.
  public var code: Code
  /// What failed and what to do, in words and remedies.
  package let text: Message
  /// The answer of the kernel or of SQLite; nil if neither refused anything.
  public var cause: Cause?

  /// Creates an error.
  public init(_ code: Code, _ message: String, cause: Cause? = nil) {
    self.init(code, saying: "\(message)", cause: cause)
  }

  /// Creates an error whose message names what to call or to set.
  package init(_ code: Code, saying text: Message, cause: Cause? = nil) {
    self.code = code
    self.text = text
    self.cause = cause
  }

  /// What failed and what to do, for humans.
  public var message: String { text.description }

  /// What the message says to call or to set, in its order; empty if it names nothing of Tapestry's.
  public var remedies: [Remedy] { text.remedies }

  /// The answer of the kernel or SQLite.
  public struct Cause: Hashable, Sendable {
    /// The failed operation: `create bridge svbr0`.
    public var operation: String
    /// errno(3); nil if the answer did not come from the kernel.
    public var errno: Int32?
    /// The answer as text.
    public var message: String

    /// Creates a cause.
    public init(operation: String, errno: Int32?, message: String) {
      self.operation = operation
      self.errno = errno
      self.message = message
    }
  }

  /// A stable, machine-readable reason. New codes may be added.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The code as text: `NETWORK_NOT_FOUND`.
    public var rawValue: String

    /// Creates a code from its text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The code as text.
    public var description: String { rawValue }
  }
}

extension TapestryError.Code {
  // The original's codes.
  /// A subnet or prefix cannot be used.
  public static let invalidSubnet = Self(rawValue: "INVALID_SUBNET")
  /// The name of a link is not one that the kernel accepts.
  public static let invalidInterfaceName = Self(rawValue: "INVALID_INTERFACE_NAME")
  /// No address of the subnet is free.
  public static let ipExhausted = Self(rawValue: "IP_EXHAUSTED")
  /// The kernel refused to create or configure a bridge. `cause` has its errno.
  public static let bridgeSetupFailed = Self(rawValue: "BRIDGE_SETUP_FAILED")
  /// The kernel refused to create or configure a TAP, or no TAP name is free.
  public static let tapCreateFailed = Self(rawValue: "TAP_CREATE_FAILED")
  // Additional codes: errors in a request.
  /// The id of a VM, an interface or a network has other characters than allowed, or is longer than 64.
  public static let invalidName = Self(rawValue: "INVALID_NAME")
  /// A MAC cannot be used.
  public static let invalidMAC = Self(rawValue: "INVALID_MAC")
  /// An address cannot be used.
  public static let invalidAddress = Self(rawValue: "INVALID_ADDRESS")
  /// A network mode cannot be used, or does not go with other options.
  public static let invalidMode = Self(rawValue: "INVALID_MODE")
  /// An MTU is out of range.
  public static let invalidMTU = Self(rawValue: "INVALID_MTU")
  /// The owner of a TAP cannot be used, or cannot be changed.
  public static let invalidOwner = Self(rawValue: "INVALID_OWNER")
  /// A port cannot be published.
  public static let invalidPort = Self(rawValue: "INVALID_PORT")
  /// A rate limit cannot be used.
  public static let invalidRate = Self(rawValue: "INVALID_RATE")
  /// A number of connections cannot be used.
  public static let invalidLimit = Self(rawValue: "INVALID_LIMIT")
  /// A label's key or value is not valid, or there are too many labels.
  public static let invalidLabel = Self(rawValue: "INVALID_LABEL")
  /// A policy cannot be used, or would have no effect.
  public static let invalidPolicy = Self(rawValue: "INVALID_POLICY")
  /// There is no such process.
  public static let invalidProcess = Self(rawValue: "INVALID_PROCESS")
  /// No network has this name.
  public static let networkNotFound = Self(rawValue: "NETWORK_NOT_FOUND")
  /// A network of this name, or with this bridge, exists.
  public static let networkExists = Self(rawValue: "NETWORK_EXISTS")
  /// The network still has attachments.
  public static let networkInUse = Self(rawValue: "NETWORK_IN_USE")
  /// The host, a route or another network uses addresses of the subnet.
  public static let subnetOverlap = Self(rawValue: "SUBNET_OVERLAP")
  /// No attachment has this VM and interface.
  public static let attachmentNotFound = Self(rawValue: "ATTACHMENT_NOT_FOUND")
  /// The VM is attached with other settings than were asked for.
  public static let attachmentConflict = Self(rawValue: "ATTACHMENT_CONFLICT")
  /// The address or MAC is taken.
  public static let addressInUse = Self(rawValue: "ADDRESS_IN_USE")
  /// A host port that another attachment publishes or a program uses.
  public static let portInUse = Self(rawValue: "PORT_IN_USE")
  /// The attachment does not publish this port.
  public static let portNotFound = Self(rawValue: "PORT_NOT_FOUND")
  /// The address is not one for guests of the subnet.
  public static let addressOutOfSubnet = Self(rawValue: "ADDRESS_OUT_OF_SUBNET")
  // Additional codes: errors of the host.
  /// The bridge has 1,023 ports, the kernel's limit.
  public static let bridgeFull = Self(rawValue: "BRIDGE_FULL")
  /// A link, table or chain has our name and not our mark. It is left as it is.
  public static let notOwned = Self(rawValue: "NOT_OWNED")
  /// CAP_NET_ADMIN, or root, is missing.
  public static let notPermitted = Self(rawValue: "NOT_PERMITTED")
  /// The state file is damaged.
  public static let stateCorrupt = Self(rawValue: "STATE_CORRUPT")
  /// The state file cannot be opened or written, or other users may change it.
  public static let stateUnavailable = Self(rawValue: "STATE_UNAVAILABLE")
  /// The kernel objects belong to another state file, or the file belongs to another network namespace.
  public static let stateMismatch = Self(rawValue: "STATE_MISMATCH")
  /// The kernel lacks something. The message names it.
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
  /// The message, and the code in parentheses.
  public var description: String { "\(message) (\(code))" }
}
