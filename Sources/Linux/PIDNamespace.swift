import Glibc

/// A PID namespace: pid_namespaces(7). A process id means something within one alone.
public struct PIDNamespace: Hashable, Sendable {
  /// Device and inode of the nsfs file. When the namespace has gone, and all its processes with it, another may get them.
  public var device: UInt64
  public var inode: UInt64

  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// That of this process; nil where /proc shows the processes of another, or none.
  public static let own: PIDNamespace? = {
    guard let link = try? Directory.link("/proc/self"), link == String(getpid()) else { return nil }
    var status = stat()
    guard unsafe stat("/proc/self/ns/pid", &status) == 0 else { return nil }
    return PIDNamespace(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }()
}

extension PIDNamespace: LosslessStringConvertible {
  public var description: String { "\(device):\(inode)" }

  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
    self.init(device: device, inode: inode)
  }
}
