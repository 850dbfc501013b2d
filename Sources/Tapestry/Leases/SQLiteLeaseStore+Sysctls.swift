public import Linux

extension SQLiteLeaseStore {
  public func rememberSysctl(_ sysctl: Sysctl, value: String) throws(TapestryError) {
    try database.run(.rememberSysctl, sysctl.rawValue, value)
  }

  public func rememberedSysctls() throws(TapestryError) -> [RememberedSysctl] {
    try database.all(.sysctls) { row throws(TapestryError) in
      RememberedSysctl(sysctl: Sysctl(rawValue: try row.value(0)), value: try row.value(1))
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
