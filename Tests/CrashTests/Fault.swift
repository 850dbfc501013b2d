/// What strace(1) does to a process at one of its system calls, on the way into it: the call itself is not carried out.
struct Fault: Hashable, Sendable, CustomStringConvertible {
  enum Kind: Hashable, Sendable {
    case kill
    /// The call fails once.
    case error(String)
    /// The call fails from here on, every time.
    case errorFromHereOn(String)
  }

  var kind: Kind
  var point: CallPoint

  /// Arguments for strace, up to the program to run.
  /// - Parameters:
  ///   - log: the file in which strace marks the calls that it has failed: `injectionMark`.
  ///   - following: whether what the program starts is under the fault too.
  func arguments(log: String, following: Bool) -> [String] {
    let what =
      switch kind {
      case .kill: "signal=KILL:when=\(point.occurrence)"
      case .error(let name): "error=\(name):when=\(point.occurrence)"
      case .errorFromHereOn(let name): "error=\(name):when=\(point.occurrence)+"
      }
    // With a filter the kernel stops the process at the calls in question alone. strace 6.1 then sends no signals.
    let filter = kind == .kill || !following ? [] : ["--seccomp-bpf"]
    // Calls that are not traced are not tampered with.
    return ["strace"] + (following ? ["-f"] : []) + filter
      + ["-qq", "-o", log, "-e", "trace=\(point.call)", "--inject=\(point.call):\(what)"]
  }

  static let injectionMark = "(INJECTED)"

  var description: String {
    switch kind {
    case .kill: "SIGKILL at \(point)"
    case .error(let name): "\(name) from \(point)"
    case .errorFromHereOn(let name): "\(name) from \(point) onwards"
    }
  }

  /// Whether nothing can be written any more, the error's message neither.
  var mutes: Bool {
    if case .errorFromHereOn = kind { point.call == "write" } else { false }
  }

  /// The symbol of the error; nil for a kill.
  var errorName: String? {
    switch kind {
    case .kill: nil
    case .error(let name), .errorFromHereOn(let name): name
    }
  }
}

/// One system call of a run: strace counts the calls of each name for themselves.
struct CallPoint: Hashable, Sendable, CustomStringConvertible {
  var call: String
  /// From 1.
  var occurrence: Int
  /// Whether it is an mmap(2) of a file that is shared, as SQLite's log's index is.
  var isSharedMapping = false

  var description: String { "\(call) #\(occurrence)" }
}
