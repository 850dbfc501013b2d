import Linux

/// Translates the kernel's answers into Tapestry's terms: a code, and a message that says what to do.
extension TapestryError {
  static func translating<Value>(_ call: @autoclosure () throws(KernelError) -> Value) throws(TapestryError) -> Value {
    do throws(KernelError) { return try call() } catch { throw TapestryError(error) }
  }

  init(_ error: KernelError, _ code: Code = .kernelRefused, _ summary: String? = nil) {
    let answer = error.kernelMessage.map { "\(error.errno) (\($0))" } ?? error.errno.description
    let cause = Cause(operation: error.operation, errno: error.errno.rawValue, message: answer)
    switch error.errno {
    case .notPermitted, .permissionDenied:
      self.init(
        .notPermitted,
        "Not permitted to \(error). Run as root, or with CAP_NET_ADMIN and access to /dev/net/tun and the state file.",
        cause: cause)
    case .notSupported, .protocolNotSupported:
      self.init(
        .kernelUnsupported,
        "This kernel cannot \(error). Tapestry needs TUN/TAP, bridges and nf_tables (families inet, bridge and arp).",
        cause: cause)
    default:
      self.init(code, summary.map { "\($0): \(error)" } ?? "The kernel refused to \(error)", cause: cause)
    }
  }
}

/// Returns nil if something that the call needs does not exist: ENOENT.
func ifExists<Value>(_ call: @autoclosure () throws(KernelError) -> Value) throws(KernelError) -> Value? {
  do throws(KernelError) { return try call() } catch {
    guard error.errno == .noSuchFile else { throw error }
    return nil
  }
}
