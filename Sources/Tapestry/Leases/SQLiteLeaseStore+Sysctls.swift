public import Linux

extension SQLiteLeaseStore {
  public func rememberSysctl(_ sysctl: Sysctl, value: String) throws(TapestryError) {
    try database.run(.rememberSysctl, sysctl.rawValue, value)
  }

  public func rememberedSysctls() throws(TapestryError) -> [RememberedSysctl] {
    let path = try database.path
    return try database.all(.sysctls) { row throws(TapestryError) in
      let remembered = RememberedSysctl(sysctl: Sysctl(rawValue: try row.value(0)), value: try row.value(1))
      guard remembered.sysctl.isChanged, Sysctl.mayBeValue(remembered.value) else {
        // Whoever wrote that, it was not Tapestry, and may have written the rest as well.
        throw SQLiteFailure.corrupt(
          path: path, doing: "sysctls",
          "sysctl '\(remembered.sysctl.rawValue)' with value '\(remembered.value)' is none that Tapestry puts back")
      }
      return remembered
    }
  }

  public func forgetSysctls(_ sysctls: [Sysctl]?) throws(TapestryError) {
    guard let sysctls else {
      try database.run(.deleteSysctls)
      return
    }
    try database.transaction { () throws(TapestryError) in
      for sysctl in sysctls { try database.run(.forgetSysctl, sysctl.rawValue) }
    }
  }
}
