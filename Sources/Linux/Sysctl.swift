/// A sysctl under /proc/sys, in the network namespace of the calling thread: sysctl(8).
public struct Sysctl: RawRepresentable, Hashable, Sendable {
  /// The name with slashes instead of dots, so that an interface name such as `eth0.100` stays one component:
  /// `net/ipv4/ip_forward`.
  public var rawValue: String

  /// The sysctl of this name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// net.ipv4.ip_forward.
  public static let ipv4Forward = Sysctl(rawValue: "net/ipv4/ip_forward")
  /// net.ipv6.conf.all.forwarding.
  public static let ipv6Forward = Sysctl(rawValue: "net/ipv6/conf/all/forwarding")

  private var path: String { "/proc/sys/\(rawValue)" }

  /// Returns the value, without the newline.
  /// - Throws: `KernelError`: ENOENT if there is no such sysctl.
  public func read() throws(KernelError) -> String { try File.readLine(path) }

  /// Sets the value.
  /// - Throws: `KernelError`: ENOENT if there is no such sysctl; EACCES or EPERM without the privilege; EINVAL for an
  ///   invalid value.
  public func write(_ value: String) throws(KernelError) { try File.write(value, to: path) }
}
