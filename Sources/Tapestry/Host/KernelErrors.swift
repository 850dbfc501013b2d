import Linux
import NetTypes
import Netlink

/// What the kernel answers, in Tapestry's terms: a code, and words that say what to do.
extension TapestryError {
  init(_ error: SystemError, _ code: Code = .kernelRefused, _ summary: String? = nil) {
    self.init(
      code, summary, errno: error.errno, operation: error.operation, answer: error.errno.description,
      words: error.description)
  }

  init(_ error: NetlinkError, _ code: Code = .kernelRefused, _ summary: String? = nil) {
    let answer = error.kernelMessage.map { "\(error.errno) (\($0))" } ?? error.errno.description
    self.init(
      code, summary, errno: error.errno, operation: error.operation, answer: answer, words: error.description)
  }

  private init(
    _ code: Code, _ summary: String?, errno: Errno, operation: String, answer: String, words: String
  ) {
    let cause = Cause(operation: operation, errno: errno.rawValue, message: answer)
    switch errno {
    case .notPermitted, .permissionDenied:
      self.init(
        .notPermitted,
        "Not permitted to \(words). Run as root, or with CAP_NET_ADMIN and access to /dev/net/tun and the state file.",
        cause: cause)
    case .notSupported, .protocolNotSupported:
      self.init(
        .kernelUnsupported,
        "This kernel cannot \(words). Tapestry needs TUN/TAP, bridges and nf_tables (families inet, bridge and arp).",
        cause: cause)
    default:
      self.init(code, summary.map { "\($0): \(words)" } ?? "The kernel refused to \(words)", cause: cause)
    }
  }
}
