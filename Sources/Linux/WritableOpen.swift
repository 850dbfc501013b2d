import CLinux

/// open(2) for SQLite (sqlite3_vfs.xSetSystemCall), which tries a file for reading where it cannot be opened for writing,
/// and then tells why that failed, or nothing at all.
public enum WritableOpen {
  public static let function: @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> Int32 = { path, flags, mode in
    unsafe clinux_writable_open(path, flags, mode)
  }

  /// Why the calling thread's last try to open a file for writing that failed did so; nil when none has since `forget`.
  public static var lastError: Errno? {
    let number = clinux_writable_open_error()
    return number == 0 ? nil : Errno(rawValue: number)
  }

  public static func forget() { clinux_writable_open_forget() }
}
