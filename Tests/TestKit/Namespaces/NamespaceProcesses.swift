import CLinux
import Glibc
import Linux

/// The processes in a network namespace, those that nobody waits for included.
enum NamespaceProcesses {
  /// Ends them with SIGKILL, and waits until they are gone.
  static func end(in namespace: NetworkNamespace.Identity) {
    let deadline = ContinuousClock.now + .patience
    // Again, for one may have started another meanwhile. Only threads of ours are left then.
    while kill(in: namespace) > 0, ContinuousClock.now < deadline { usleep(1000) }
  }

  /// - Returns: How many there were.
  private static func kill(in namespace: NetworkNamespace.Identity) -> Int {
    var count = 0
    for pid in processes() where pid != getpid() {
      // The pidfd first: what is found out then holds for the process that gets the signal.
      guard let process = try? valueOrError(clinux_pidfd_open(pid), "pidfd_open") else { continue }
      let descriptor = OwnedFileDescriptor(owning: process)
      // A zombie is in no namespace.
      guard let other = try? NetworkNamespace(path: "/proc/\(pid)/ns/net").identity(), other == namespace else {
        continue
      }
      _ = clinux_pidfd_send_signal(descriptor.rawValue, SIGKILL)
      count += 1
    }
    return count
  }

  private static func processes() -> [Int32] {
    guard let directory = unsafe opendir("/proc") else { return [] }
    defer { unsafe closedir(directory) }
    var processes: [Int32] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if let pid = Int32(name) { processes.append(pid) }
    }
    return processes
  }
}
