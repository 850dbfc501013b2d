import Linux
import NetTypes

/// The host's sysctls: /proc/sys.
enum SysctlDriver {
  static func set(_ sysctl: Sysctl, _ value: String) throws(StepFailure) {
    guard sysctl.isChanged, Sysctl.mayBeValue(value) else {
      throw StepFailure(TapestryError(.notOwned, "Tapestry does not change sysctl \(sysctl.rawValue)"))
    }
    do throws(KernelError) { try sysctl.write(value) } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to set sysctl \(sysctl.rawValue)"))
    }
  }

  /// Does nothing if the sysctl does not exist: its link has been deleted meanwhile.
  static func restore(_ sysctl: Sysctl, _ value: String) throws(StepFailure) {
    do throws(StepFailure) { try set(sysctl, value) } catch {
      guard error.error.cause?.errno == Errno.noSuchFile.rawValue else { throw error }
    }
  }

  /// Reads those that networks need, and those that turning forwarding on changes. One that does not exist is left out: its
  /// link has been deleted meanwhile. Any other failure is thrown: a value that was not read could never be restored.
  static func observe(_ links: [String: ObservedLink]) throws(KernelError) -> [Sysctl: String] {
    var values: [Sysctl: String] = [:]
    for sysctl in [.ipv4Forward, Desired.arpIgnore] { values[sysctl] = try ifExists(sysctl.read()) }
    if values[.ipv4Forward] != "1" {
      for sysctl in Forwarding.sideEffects(links: links.keys) { values[sysctl] = try ifExists(sysctl.read()) }
    }
    for sysctl in [.ipv6Forward, Forwarding6.disabled] { values[sysctl] = try ifExists(sysctl.read()) }
    if values[.ipv6Forward] == "0" {
      for sysctl in [Forwarding.ofLink("default", .v6), Forwarding6.routerAdvertisements("default")] {
        values[sysctl] = try ifExists(sysctl.read())
      }
      values.merge(links.values.flatMap(\.sysctls6)) { $1 }
    }
    return values
  }
}
