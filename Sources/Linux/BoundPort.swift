public import NetTypes

/// A bound port of this network namespace, from /proc/net/tcp, tcp6, udp and udp6: proc_net(5).
public struct BoundPort: Hashable, Sendable {
  /// The bound address; nil for the wildcard address.
  public var address: IPv4Address?
  /// The port in host byte order.
  public var port: UInt16
  /// The socket's inode, as in the `socket:[INODE]` links of /proc/PID/fd.
  public var inode: UInt64

  /// A transport protocol. Its IPv6 sockets that also accept IPv4 are included.
  public enum Table: String, Sendable {
    /// Listening sockets.
    case tcp
    /// Sockets without a peer.
    case udp
  }

  /// Returns all bound ports of a protocol, in the network namespace of the calling thread.
  /// - Throws: `KernelError` of open(2) or read(2).
  public static func all(_ table: Table) throws(KernelError) -> [BoundPort] {
    var ports: [BoundPort] = []
    for name in [table.rawValue, "\(table.rawValue)6"] {
      do throws(KernelError) {
        ports += parse(try File.read("/proc/thread-self/net/\(name)", limit: 1 << 26), table)
      } catch {
        // ENOENT for the second file: a kernel without IPv6.
        guard name.last == "6", error.errno == .noSuchFile else { throw error }
      }
    }
    return ports
  }

  static func parse(_ bytes: [UInt8], _ table: Table) -> [BoundPort] {
    bytes.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
      BoundPort(String(decoding: line, as: UTF8.self), table)
    }
  }

  /// Parses `0: 0100007F:1F90 00000000:0000 0A … INODE …`: hexadecimal addresses in 32-bit words of host byte order.
  private init?(_ line: String, _ table: Table) {
    let fields = line.split(separator: " ")
    guard fields.count > 9, let inode = UInt64(fields[9]), let state = UInt8(fields[3], radix: 16) else { return nil }
    let (listening, unconnected): (UInt8, UInt8) = (0x0a, 0x07)
    guard state == (table == .tcp ? listening : unconnected) else { return nil }
    let place = fields[1].split(separator: ":")
    guard place.count == 2, let port = UInt16(place[1], radix: 16) else { return nil }
    let words = stride(from: 0, to: place[0].utf8.count, by: 8).compactMap {
      UInt32(place[0].dropFirst($0).prefix(8), radix: 16)
    }
    switch words.count {
    case 1: break
    // The unspecified IPv6 address, or an IPv4-mapped one (RFC 4291, 2.5.5.2).
    case 4 where words.allSatisfy { $0 == 0 } || words[..<2] == [0, 0] && words[2] == UInt32(bigEndian: 0xffff): break
    default: return nil
    }
    self.init(
      address: words.last == 0 ? nil : words.last.map { IPv4Address(rawValue: UInt32(bigEndian: $0)) }, port: port,
      inode: inode)
  }

  private init(address: IPv4Address?, port: UInt16, inode: UInt64) {
    self.address = address
    self.port = port
    self.inode = inode
  }
}

extension BoundPort {
  /// The name and the id of a process that has the socket open, `nginx (process 123)`; nil if /proc shows none, for
  /// example because this process lacks the privilege.
  public var holder: String? {
    let target = "socket:[\(inode)]"
    for pid in (try? Directory.names("/proc"))?.compactMap({ Int32($0) }).sorted() ?? [] {
      let descriptors = (try? Directory.names("/proc/\(pid)/fd")) ?? []
      guard descriptors.contains(where: { (try? Directory.link("/proc/\(pid)/fd/\($0)")) == target }) else { continue }
      let name = (try? File.readLine("/proc/\(pid)/comm")) ?? "a program"
      return "\(name) (process \(pid))"
    }
    return nil
  }
}
