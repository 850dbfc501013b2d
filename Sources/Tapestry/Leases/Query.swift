import SQLite

/// The statements of a store, by name.
enum Query: Int, SQLiteQuery {
  case identity, setNamespace
  case boot, setBoot, coolDownLeases, coolDownReservations
  case deleteLeases, deleteReservations, deleteSysctls
  case networks, network, insertNetwork, deleteNetwork, setNextAddress, setNetworkSettings, leaseCount, forgetReleased,
    forgetReserved
  case lease, leaseOfTap, leaseOfAddress, leaseOfMAC, isMACHeld, isTapNameHeld
  case leases, leasesOfNetwork, leasesOfVM, leasesOfNetworkAndVM
  case insertLease, insertLeaseIfFree, setState, activatePending, setTapName, setProcess, setLeaseSettings,
    unsettle, settle, isAnyLeaseUnsettled, networksAllowingLabels, leasesAllowingLabels, isNetworkUnsettled,
    settleNetwork, deleteReleasing
  case publish, unpublish, publisher
  case isAddressUsed, coolDown, takeOldest, takeReleased
  case reserve, unreserve, reservations
  case rememberSysctl, sysctls, forgetSysctl
  case pageCount, integrity, strayAddresses, addressesHeldTwice

  private static let ownLeaseColumns =
    "vm, interface, network, address, mac, tap_name, pid, start_time, pid_namespace, state, settings"
  /// A lease's columns, with its published ports and the flag `unsettled`.
  private static let leaseColumns =
    """
    \(ownLeaseColumns), (
      SELECT group_concat(host_address || ':' || host_port || ':' || guest_port || '/' || transport, ' ')
      FROM published WHERE vm = lease.vm AND interface = lease.interface), unsettled
    """
  private static let networkColumns =
    """
    name, mode, subnet, prefix_length, bridge, mtu, next_address, guest_address, guest_prefix_length, guest_mac, \
    guest_gateway, guest_gateway_mac, subnet6, nat6, settings
    """

  /// `EgressPolicy.description`. No other text has this word followed by a space.
  private static func allowingLabels(of table: String) -> String {
    "SELECT settings FROM \(table) WHERE instr(settings, 'label ')"
  }

  private static let addresses =
    """
    SELECT network, address FROM lease UNION ALL SELECT network, address FROM released
    UNION ALL SELECT network, address FROM reservation
    """

  var sql: String {
    switch self {
    case .identity: "SELECT id, device, inode, file_device, file_inode FROM identity"
    case .setNamespace: "UPDATE identity SET device = ?1, inode = ?2, file_device = ?3, file_inode = ?4"

    case .boot: "SELECT id FROM boot"
    case .setBoot: "UPDATE boot SET id = ?1"
    case .coolDownLeases: Self.coolDownAll(of: "lease")
    case .coolDownReservations: Self.coolDownAll(of: "reservation")
    case .deleteLeases: "DELETE FROM lease"
    case .deleteReservations: "DELETE FROM reservation"
    case .deleteSysctls: "DELETE FROM sysctl"

    case .networks: "SELECT \(Self.networkColumns) FROM network ORDER BY name"
    case .network: "SELECT \(Self.networkColumns) FROM network WHERE name = ?1"
    case .insertNetwork:
      """
      INSERT INTO network (\(Self.networkColumns))
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
      """
    case .deleteNetwork: "DELETE FROM network WHERE name = ?1"
    case .setNextAddress: "UPDATE network SET next_address = ?2 WHERE name = ?1"
    case .leaseCount: "SELECT count(*) FROM lease WHERE network = ?1"
    case .forgetReleased: "DELETE FROM released WHERE network = ?1"
    case .forgetReserved: "DELETE FROM reservation WHERE network = ?1"

    case .lease: "SELECT \(Self.leaseColumns) FROM lease WHERE vm = ?1 AND interface = ?2"
    case .leaseOfTap: "SELECT \(Self.leaseColumns) FROM lease WHERE tap_name = ?1"
    case .leaseOfAddress: "SELECT \(Self.leaseColumns) FROM lease WHERE network = ?1 AND address = ?2"
    case .leaseOfMAC: "SELECT \(Self.leaseColumns) FROM lease WHERE network = ?1 AND mac = ?2"
    case .isMACHeld: "SELECT EXISTS (SELECT 1 FROM lease WHERE network = ?1 AND mac = ?2)"
    case .isTapNameHeld:
      "SELECT EXISTS (SELECT 1 FROM lease WHERE tap_name = ?1) OR EXISTS (SELECT 1 FROM network WHERE bridge = ?1)"
    case .leases: "SELECT \(Self.leaseColumns) FROM lease ORDER BY vm, interface"
    case .leasesOfNetwork: "SELECT \(Self.leaseColumns) FROM lease WHERE network = ?1 ORDER BY vm, interface"
    case .leasesOfVM: "SELECT \(Self.leaseColumns) FROM lease WHERE vm = ?1 ORDER BY interface"
    case .leasesOfNetworkAndVM:
      "SELECT \(Self.leaseColumns) FROM lease WHERE vm = ?2 AND network = ?1 ORDER BY interface"

    case .insertLease:
      """
      INSERT INTO lease (\(Self.ownLeaseColumns))
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      """
    case .insertLeaseIfFree:
      """
      INSERT INTO lease (\(Self.ownLeaseColumns))
      SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
      WHERE NOT EXISTS (SELECT 1 FROM network WHERE bridge = ?6)
        AND NOT EXISTS (SELECT 1 FROM released WHERE network = ?3 AND address = ?4)
        AND NOT EXISTS (SELECT 1 FROM reservation WHERE network = ?3 AND address = ?4)
      ON CONFLICT DO NOTHING
      """
    case .activatePending:
      "UPDATE lease SET state = 'active' WHERE vm = ?1 AND interface = ?2 AND state = 'pending'"
    case .setState: "UPDATE lease SET state = ?3 WHERE vm = ?1 AND interface = ?2"
    case .setTapName: "UPDATE lease SET tap_name = ?3 WHERE vm = ?1 AND interface = ?2"
    case .setLeaseSettings: "UPDATE lease SET settings = ?3, unsettled = ?4 WHERE vm = ?1 AND interface = ?2"
    case .isNetworkUnsettled: "SELECT unsettled FROM network WHERE name = ?1"
    case .settleNetwork: "UPDATE network SET unsettled = 0 WHERE name = ?1 AND unsettled"
    case .unsettle: "UPDATE lease SET unsettled = ?2 WHERE network = ?1 AND unsettled != 1"
    case .isAnyLeaseUnsettled: "SELECT EXISTS (SELECT 1 FROM lease WHERE unsettled AND vm IS NOT ?1)"
    case .networksAllowingLabels: Self.allowingLabels(of: "network")
    case .leasesAllowingLabels: Self.allowingLabels(of: "lease")
    case .settle: "UPDATE lease SET unsettled = 0 WHERE vm = ?1 AND interface = ?2"
    case .setNetworkSettings: "UPDATE network SET settings = ?2, unsettled = 1 WHERE name = ?1"
    case .setProcess:
      "UPDATE lease SET pid = ?3, start_time = ?4, pid_namespace = ?5 WHERE vm = ?1 AND interface = ?2"
    case .deleteReleasing:
      "DELETE FROM lease WHERE vm = ?1 AND interface = ?2 AND state = 'releasing' RETURNING \(Self.leaseColumns)"

    case .publish:
      """
      INSERT INTO published (transport, host_port, host_address, guest_port, vm, interface)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """
    case .unpublish:
      """
      DELETE FROM published
      WHERE transport = ?1 AND host_port = ?2 AND host_address = ?3 AND guest_port = ?4 AND vm = ?5 AND interface = ?6
      """
    case .publisher:
      """
      SELECT vm, interface FROM published
      WHERE transport = ?1 AND host_port = ?2 AND (?3 = 0 OR host_address IN (0, ?3)) LIMIT 1
      """
    case .isAddressUsed:
      """
      SELECT EXISTS (SELECT 1 FROM lease WHERE network = ?1 AND address = ?2)
        OR EXISTS (SELECT 1 FROM released WHERE network = ?1 AND address = ?2)
        OR EXISTS (SELECT 1 FROM reservation WHERE network = ?1 AND address = ?2)
      """
    case .coolDown:
      """
      INSERT INTO released (network, sequence, address)
      VALUES (?1, coalesce((SELECT max(sequence) FROM released WHERE network = ?1), 0) + 1, ?2)
      """
    case .takeOldest:
      """
      DELETE FROM released
      WHERE network = ?1 AND sequence = (SELECT min(sequence) FROM released WHERE network = ?1)
      RETURNING address
      """
    case .takeReleased: "DELETE FROM released WHERE network = ?1 AND address = ?2"

    case .reserve:
      "INSERT INTO reservation (network, address, pid, start_time, pid_namespace) VALUES (?1, ?2, ?3, ?4, ?5)"
    case .unreserve: "DELETE FROM reservation WHERE network = ?1 AND address = ?2"
    case .reservations:
      """
      SELECT network, address, pid, start_time, pid_namespace FROM reservation
      WHERE ?1 IS NULL OR network = ?1 ORDER BY network, address
      """

    case .rememberSysctl: "INSERT INTO sysctl (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    case .sysctls: "SELECT name, value FROM sysctl ORDER BY name"
    case .forgetSysctl: "DELETE FROM sysctl WHERE name = ?1"

    case .pageCount: "PRAGMA page_count"
    case .integrity: "PRAGMA integrity_check(1)"
    case .strayAddresses:
      """
      SELECT count(*) FROM (\(Self.addresses)) AS held LEFT JOIN network ON network.name = held.network
      WHERE network.name IS NULL
        OR address NOT BETWEEN subnet + 2 AND subnet + (1 << (32 - prefix_length)) - 2
      """
    case .addressesHeldTwice:
      "SELECT count(*) FROM (SELECT 1 FROM (\(Self.addresses)) GROUP BY network, address HAVING count(*) > 1)"
    }
  }

  /// Appends every address of a table to its network's reuse queue, in ascending order.
  private static func coolDownAll(of table: String) -> String {
    """
    INSERT INTO released (network, sequence, address)
    SELECT network,
      coalesce((SELECT max(sequence) FROM released WHERE released.network = held.network), 0)
        + row_number() OVER (PARTITION BY network ORDER BY address),
      address
    FROM \(table) AS held
    """
  }
}
