import Glibc
import Linux

/// The threads of this process.
enum Threads {
  static func count(named name: String) throws -> Int {
    let directory = unsafe opendir("/proc/self/task")
    guard let directory = unsafe directory else { throw KernelError("opendir", .noSuchFile) }
    defer { unsafe closedir(directory) }
    var count = 0
    while let entry = unsafe readdir(directory) {
      let task = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if (try? File.readLine("/proc/self/task/\(task)/comm")) == name { count += 1 }
    }
    return count
  }
}
