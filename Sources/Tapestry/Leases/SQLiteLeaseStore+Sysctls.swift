public import Linux

extension SQLiteLeaseStore {
  public func rememberSysctl(_ sysctl: Sysctl, value: String) throws(TapestryError) {
    try database.run(.rememberSysctl, sysctl.rawValue, value)
  }

  public func rememberedSysctls() throws(TapestryError) -> [RememberedSysctl] {
    let path = try database.path
    let all = try database.all(.sysctls) { row throws(TapestryError) in
      RememberedSysctl(sysctl: Sysctl(rawValue: try row.value(0)), value: try row.value(1))
    }
    // Tapestry once wrote that down too, and never changed it; until the next boot it may still be there.
    let remembered = all.filter { $0.sysctl != Desired.arpIgnore }
    for row in remembered where !row.sysctl.isChanged || !Sysctl.mayBeValue(row.value) {
      // Whoever wrote that, it was not Tapestry, and may have written the rest as well.
      throw SQLiteFailure.corrupt(
        path: path, doing: "sysctls",
        "sysctl '\(row.sysctl.rawValue)' with value '\(row.value)' is none that Tapestry puts back")
    }
    return remembered
  }

  public func forgetSysctls(_ sysctls: [Sysctl]?) throws(TapestryError) {
    try takingDown { () throws(TapestryError) in
      guard let sysctls else {
        try database.run(.deleteSysctls)
        return
      }
      for sysctl in sysctls { try database.run(.forgetSysctl, sysctl.rawValue) }
    }
  }
}
