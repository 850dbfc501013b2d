import Glibc

/// What tells a file from every other at one time: stat(2). When a file is gone, another may get the same device and inode.
public struct FileIdentity: Hashable, Sendable {
  /// st_dev.
  public var device: UInt64
  /// st_ino.
  public var inode: UInt64

  /// The identity with this device and inode.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// The identity of the file at a path; symbolic links are followed.
  /// - Throws: `KernelError` of stat(2).
  public init(path: String) throws(KernelError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw KernelError("stat \(path)", .current) }
    self.init(status)
  }

  /// The identity of an open file.
  /// - Throws: `KernelError` of fstat(2).
  init(descriptor: Int32) throws(KernelError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw KernelError("fstat", .current) }
    self.init(status)
  }

  private init(_ status: stat) { self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)) }
}

extension FileIdentity: LosslessStringConvertible {
  /// `DEVICE:INODE`, in decimal.
  public var description: String { "\(device):\(inode)" }

  /// Parses `DEVICE:INODE`. Returns nil if the text is not of this form.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
    self.init(device: device, inode: inode)
  }
}
