import SQLite

extension SQLiteLeaseStore {
  /// Whether a policy of a network, or of a lease in any state, allows one of these labels; or may do so in the kernel,
  /// because a lease is unsettled.
  /// - Parameter vm: whose leases' being unsettled does not matter.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func mayAllow(_ labels: Set<Label>, besides vm: Identifier?) throws(TapestryError) -> Bool {
    if try database.holds(.isAnyLeaseUnsettled, vm) { return true }
    let ofNetworks = try database.all(.networksAllowingLabels) { row throws(SQLiteError) in
      guard let settings = NetworkSettings(text: try row.value(0)) else { throw row.damaged(0) }
      return settings.egress.labels
    }
    let ofLeases = try database.all(.leasesAllowingLabels) { row throws(SQLiteError) in
      guard let settings = AttachmentSettings(text: try row.value(0)) else { throw row.damaged(0) }
      return settings.egress.labels
    }
    return (ofNetworks + ofLeases).joined().contains(where: labels.contains)
  }
}
