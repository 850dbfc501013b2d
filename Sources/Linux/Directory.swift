import Glibc

/// What is in directories.
public enum Directory {
  /// The names in a directory, without `.` and `..`: readdir(3).
  public static func names(_ path: String) throws(SystemError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw SystemError("open \(path)", .current) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Where a symbolic link leads: readlink(2).
  public static func link(_ path: String) throws(SystemError) -> String {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(path, &target, target.count)
    guard count >= 0 else { throw SystemError("readlink \(path)", .current) }
    return String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
