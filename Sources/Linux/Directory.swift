import Glibc

/// Reading directories and symbolic links.
public enum Directory {
  /// Returns the names in a directory, without `.` and `..`: readdir(3).
  /// - Throws: `KernelError` of opendir(3).
  public static func names(_ path: String) throws(KernelError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw KernelError("open \(path)", .current) }
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

  /// Returns the target of a symbolic link: readlink(2).
  /// - Throws: `KernelError` of readlink(2): EINVAL if the file is not a symbolic link.
  public static func link(_ path: String) throws(KernelError) -> String {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(path, &target, target.count)
    guard count >= 0 else { throw KernelError("readlink \(path)", .current) }
    return String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
