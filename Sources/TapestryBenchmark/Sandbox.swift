import Glibc
import Linux
import Tapestry

/// A network namespace that nobody else is in, and a directory for the state file: what is measured is seen and met by
/// nobody. Both are gone when the process ends, the directory before.
@safe final class Sandbox {
  let directory: String
  var statePath: String { directory + "/state.db" }

  /// Moves the calling thread into a new namespace.
  /// - Throws: `NOT_PERMITTED`.
  init() throws(TapestryError) {
    let home = try Self.namespace()
    try Self.unshare()
    guard try Self.namespace() != home else {
      throw TapestryError(
        .kernelRefused, "The benchmark is still in the namespace that it started in; nothing was done.")
    }
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/tapestry-bench-XXXXXX".utf8CString)
    guard let path = unsafe mkdtemp(&template) else {
      throw TapestryError(.stateUnavailable, "Cannot make a directory in \(parent): \(Errno(rawValue: errno))")
    }
    directory = unsafe String(cString: path)
  }

  /// Another namespace for the calling thread.
  static func unshare() throws(TapestryError) {
    do throws(SystemError) { try NetworkNamespace.unshare() } catch {
      throw TapestryError(
        .notPermitted,
        "The benchmark needs a network namespace of its own, and may not make one (\(error)): run as root.")
    }
  }

  static func namespace() throws(TapestryError) -> NetworkNamespace.Identity {
    try asTapestryError { () throws(SystemError) in try NetworkNamespace.current().identity() }
  }

  func remove() {
    let files = [statePath, directory + "/parts.db"] + (0..<Packets.mostSites).map { "\(directory)/site-\($0).db" }
    for file in files {
      for suffix in ["", "-wal", "-shm", ".lock", ".reserve"] { _ = unsafe unlink(file + suffix) }
    }
    _ = unsafe rmdir(directory)
  }
}

/// What was tried and how it failed, where it is no failure of what is measured.
func asTapestryError<Value: ~Copyable, E: Error>(_ body: () throws(E) -> Value) throws(TapestryError) -> Value {
  do throws(E) { return try body() } catch {
    throw TapestryError(.kernelRefused, "The benchmark failed: \(error)")
  }
}
