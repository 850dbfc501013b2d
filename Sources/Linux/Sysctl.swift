/// A kernel setting under /proc/sys, of the network namespace of the calling thread: sysctl(8)'s names.
public struct Sysctl: RawRepresentable, Hashable, Sendable {
  /// The name with slashes, so that an interface called `eth0.100` stays one part: `net/ipv4/ip_forward`.
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let ipv4Forward = Sysctl(rawValue: "net/ipv4/ip_forward")
  public static let ipv6Forward = Sysctl(rawValue: "net/ipv6/conf/all/forwarding")

  private var path: String { "/proc/sys/\(rawValue)" }

  public func read() throws(SystemError) -> String { try File.readLine(path) }

  public func write(_ value: String) throws(SystemError) { try File.write(value, to: path) }
}
