import Glibc
import Linux
import Tapestry

/// A new network namespace and a temporary directory for the state file, so that the benchmark and the host do not
/// affect each other. `remove` deletes the directory; the namespace goes when the process ends.
@safe final class Sandbox {
  let directory: String
  var statePath: String { directory + "/state.db" }

  /// Moves the calling thread into a new namespace.
  /// - Throws: `NOT_PERMITTED`.
  init() throws {
    let home = try NetworkNamespace.current().identity()
    try Self.unshare()
    guard try NetworkNamespace.current().identity() != home else {
      throw TapestryError(
        .kernelRefused, "The benchmark did not leave its initial network namespace; nothing was done.")
    }
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/tapestry-bench-XXXXXX".utf8CString)
    guard let path = unsafe mkdtemp(&template) else {
      throw TapestryError(.stateUnavailable, "Cannot create a directory in \(parent): \(Errno(rawValue: errno))")
    }
    directory = unsafe String(cString: path)
  }

  /// Moves the calling thread into a new network namespace.
  static func unshare() throws(TapestryError) {
    do throws(KernelError) { try NetworkNamespace.unshare() } catch {
      throw TapestryError(
        .notPermitted,
        "The benchmark needs its own network namespace, but may not create one (\(error)): run as root.")
    }
  }

  func remove() {
    let files =
      [statePath, directory + "/parts.db"] + (0..<Packets.maximumTestbeds).map { "\(directory)/testbed-\($0).db" }
    for file in files {
      for suffix in ["", "-wal", "-shm", ".lock", ".reserve"] { _ = unsafe unlink(file + suffix) }
    }
    _ = unsafe rmdir(directory)
  }
}
