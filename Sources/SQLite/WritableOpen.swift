import CLinux
import Linux

/// open(2) for SQLite (sqlite3_vfs.xSetSystemCall). If a file cannot be opened for writing, SQLite opens it for reading,
/// and reports the error of that, or none.
enum WritableOpen {
  /// open(2), which records its error.
  static let function: @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> Int32 = unsafe clinux_writable_open

  /// The error of the calling thread's last failed open for writing since `forget`; nil if none failed.
  static var lastError: Errno? {
    let number = clinux_writable_open_error()
    return number == 0 ? nil : Errno(rawValue: number)
  }

  /// Forgets the calling thread's last error.
  static func forget() { clinux_writable_open_forget() }
}
