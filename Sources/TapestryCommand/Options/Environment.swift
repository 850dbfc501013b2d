import Glibc

enum Environment {
  /// Returns an environment variable of this process, or nil if it is not set: getenv(3).
  static func value(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
