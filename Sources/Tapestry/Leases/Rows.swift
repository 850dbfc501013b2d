import Linux
import NetTypes
import SQLite

/// A network's row: the network and its address watermark.
struct NetworkRow {
  var network: Network
  /// The lowest address that has not been assigned in order; the broadcast address if all have been.
  var nextAddress: IPv4Address

  init(_ row: Row) throws(SQLiteError) {
    guard let subnet = try? IPv4Subnet(containing: try row.value(2), prefixLength: try row.value(3)) else {
      throw row.damaged(2)
    }
    guard let settings = NetworkSettings(text: try row.value(14)) else { throw row.damaged(14) }
    network = Network(
      name: try row.value(0), mode: try row.value(1), subnet: subnet, bridge: try row.value(4), mtu: try row.value(5),
      subnet6: try row.optional(12), nat6: try row.value(13), snapshot: try SnapshotIdentity(row, at: 7),
      settings: settings)
    if let subnet6 = network.subnet6, subnet6.prefixLength != 64 || network.mode == .clone { throw row.damaged(12) }
    guard (network.snapshot != nil) == (network.mode == .clone) else { throw row.damaged(7) }
    nextAddress = try row.value(6)
    guard subnet.firstGuest <= nextAddress, nextAddress <= subnet.broadcast else { throw row.damaged(6) }
  }
}

extension SnapshotIdentity {
  /// Reads five columns, the first of which is the address; returns nil if that is NULL.
  fileprivate init?(_ row: Row, at column: Int32) throws(SQLiteError) {
    guard let address: IPv4Address = try row.optional(column) else { return nil }
    guard let subnet = try? IPv4Subnet(containing: address, prefixLength: try row.value(column + 1)) else {
      throw row.damaged(column + 1)
    }
    self.init(
      address: address, subnet: subnet, mac: try row.value(column + 2), gateway: try row.value(column + 3),
      gatewayMAC: try row.value(column + 4))
  }
}

extension Lease {
  init(_ row: Row) throws(SQLiteError) {
    guard var settings = AttachmentSettings(text: try row.value(10)) else { throw row.damaged(10) }
    settings.published = try Self.published(row, at: 11)
    self.init(
      key: AttachmentKey(vm: try row.value(0), interface: try row.value(1)), network: try row.value(2),
      address: try row.value(3), mac: try row.value(4), tapName: try row.value(5), settings: settings,
      process: try ProcessIdentity(row, at: 6), state: try row.value(9), unsettled: try row.value(12))
  }

  /// Parses `ADDRESS:PORT:PORT/tcp`, separated by spaces, with the address as a number. NULL: no ports.
  private static func published(_ row: Row, at column: Int32) throws(SQLiteError) -> [PublishedPort] {
    guard let text: String = try row.optional(column) else { return [] }
    var ports: [PublishedPort] = []
    for word in text.split(separator: " ") {
      let parts = word.split { ":/".contains($0) }
      guard parts.count == 4, let address = UInt32(parts[0]), let hostPort = UInt16(parts[1]),
        let guestPort = UInt16(parts[2]), let transport = Transport(rawValue: String(parts[3]))
      else { throw row.damaged(column) }
      ports.append(
        PublishedPort(
          hostAddress: address == 0 ? nil : IPv4Address(rawValue: address), hostPort: hostPort, guestPort: guestPort,
          transport: transport))
    }
    return ports
  }
}

extension Reservation {
  init(_ row: Row) throws(SQLiteError) {
    self.init(network: try row.value(0), address: try row.value(1), process: try ProcessIdentity(row, at: 2))
  }
}

extension ProcessIdentity {
  /// Reads the column of the process id and the next two, its start time and its PID namespace.
  fileprivate init?(_ row: Row, at column: Int32) throws(SQLiteError) {
    guard let pid: Int32 = try row.optional(column) else { return nil }
    self.init(pid: pid, startTime: try row.value(column + 1), namespace: try row.optional(column + 2))
  }
}

extension FileIdentity {
  /// From two columns, of the device and the inode; nil if they are NULL.
  init?(_ row: Row, at column: Int32) throws(SQLiteError) {
    guard let device: UInt64 = try row.optional(column), let inode: UInt64 = try row.optional(column + 1)
    else { return nil }
    self.init(device: device, inode: inode)
  }
}
