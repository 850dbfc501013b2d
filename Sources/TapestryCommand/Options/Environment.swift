import Glibc

enum Environment {
  /// A variable of this process's environment: getenv(3).
  static func value(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
