import Linux
import NetTypes
import TestKit

/// A guest that was attached before the fault: its traffic must go on, and its TAP stay what it was.
struct Bystander: Sendable {
  /// The network `default` comes to be with it.
  static let setup = "tapestry attach calm --ip \(addressText) --mac \(mac)\n"
  static let addressText = "\(address)"
  private static let address = IPv4Address(172, 30, 0, 2)
  private static let gateway = IPv4Address(172, 30, 0, 1)
  private static let mac = MACAddress(2, 0, 0, 0, 0, 2)
  private static let tapName = "svcalmeth0"

  private let namespace: TestNamespace
  private let guest: StandInGuest
  private let identity: String

  /// Takes the TAP that `setup` made, and sends its first ping.
  init(_ namespace: TestNamespace) async throws {
    self.namespace = namespace
    guest = try await StandInGuest(
      in: namespace, tap: Self.tapName, mac: Self.mac, address: Self.address, gateway: Self.gateway)
    guard try await guest.ping(Self.gateway) else { throw Unreachable() }
    identity = try await Self.identity(namespace)
  }

  struct Unreachable: Error {}

  /// What has happened to it that should not have; nil for nothing.
  func complaint() async throws -> String? {
    let now = try await Self.identity(namespace)
    guard now == identity else { return "the bystander's TAP is not what it was: \(identity), now \(now)" }
    guard guest.isAttached else { return "the bystander has lost its TAP" }
    guard try await guest.ping(Self.gateway) else {
      return "the bystander's traffic no longer passes"
    }
    return nil
  }

  /// The TAP's index, and how often it gained or lost its carrier: a TAP that is set down and up again loses it.
  private static func identity(_ namespace: TestNamespace) async throws -> String {
    try await namespace.run {
      let path = "/sys/class/net/\(tapName)"
      return "index \(try File.readLine(path + "/ifindex")), "
        + "carrier changes \(try File.readLine(path + "/carrier_changes"))"
    }
  }

  func leave() async { await guest.stop() }
}
