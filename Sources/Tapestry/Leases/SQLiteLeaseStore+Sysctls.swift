package import Linux
import SQLite

/// The value that a sysctl had before it was changed.
package struct RememberedSysctl: Hashable, Sendable {
  /// The sysctl that was changed.
  package var sysctl: Sysctl
  /// The value to restore, as /proc/sys shows it, without the newline.
  package var value: String
}

extension SQLiteLeaseStore {
  /// Stores the value of a sysctl before it is changed. A value that is already stored is kept.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func rememberSysctl(_ sysctl: Sysctl, value: String) throws(TapestryError) {
    try database.run(.rememberSysctl, sysctl.rawValue, value)
  }

  /// The stored values, sorted by name.
  /// - Throws: `STATE_CORRUPT` for a sysctl or a value that Tapestry does not restore.
  package func rememberedSysctls() throws(TapestryError) -> [RememberedSysctl] {
    let path = try database.path
    let all = try database.all(.sysctls) { row throws(SQLiteError) in
      RememberedSysctl(sysctl: Sysctl(rawValue: try row.value(0)), value: try row.value(1))
    }
    // An earlier version stored this sysctl too, but never changed it. It may be in the file until the next boot.
    let remembered = all.filter { $0.sysctl != Desired.arpIgnore }
    for row in remembered where !row.sysctl.isChanged || !Sysctl.mayBeValue(row.value) {
      // Tapestry did not write this row. Its author may have written the other rows too.
      throw StateFile.damaged(
        path, doing: "sysctls",
        "sysctl '\(row.sysctl.rawValue)' with value '\(row.value)' is not one that Tapestry restores")
    }
    return remembered
  }

  /// Deletes the stored values of these sysctls; nil: of all.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func forgetSysctls(_ sysctls: [Sysctl]? = nil) throws(TapestryError) {
    try takingDown { () throws(TapestryError) in
      guard let sysctls else {
        try database.run(.deleteSysctls)
        return
      }
      for sysctl in sysctls { try database.run(.forgetSysctl, sysctl.rawValue) }
    }
  }
}
