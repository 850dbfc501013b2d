import Glibc

/// A PID namespace: pid_namespaces(7). A process id is only meaningful within one.
public struct PIDNamespace: Hashable, Sendable {
  /// The device of the nsfs file. When the namespace is gone, with all its processes, another may get the same device and
  /// inode.
  public var device: UInt64
  /// The inode of the nsfs file.
  public var inode: UInt64

  /// The namespace with this device and inode.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// The namespace of this process; nil if /proc is that of another PID namespace, or not mounted.
  public static let own: PIDNamespace? = {
    guard let link = try? Directory.link("/proc/self"), link == String(getpid()) else { return nil }
    var status = stat()
    guard unsafe stat("/proc/self/ns/pid", &status) == 0 else { return nil }
    return PIDNamespace(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }()
}

extension PIDNamespace: LosslessStringConvertible {
  /// `DEVICE:INODE`, in decimal.
  public var description: String { "\(device):\(inode)" }

  /// Parses `DEVICE:INODE`. Returns nil if the text is not of this form.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
    self.init(device: device, inode: inode)
  }
}
