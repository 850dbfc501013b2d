import Linux

/// The release of the kernel that the tests run on.
public enum KernelRelease {
  /// Whether the kernel is of this series or a later one: `KernelRelease.isAtLeast(6, 16)`.
  public static func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
    let release = (try? File.read("/proc/sys/kernel/osrelease")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let numbers = release.split(separator: ".").prefix(2).compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (major, minor)
  }
}
