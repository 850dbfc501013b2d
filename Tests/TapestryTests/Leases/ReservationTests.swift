import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("Reserved addresses, remembered sysctls, adopted leases")
struct ReservationTests {
  private let directory: StateDirectory
  private let store: SQLiteLeaseStore

  init() throws {
    directory = try StateDirectory()
    store = try directory.store(subnet: "10.9.8.0/29")
  }

  // MARK: Reservations

  @Test("reserved addresses come in the same order as leased ones, and no lease gets one unless it asks for it")
  func reserve() throws {
    #expect(try store.reserveAddress(in: .default) == address("10.9.8.2"))
    #expect(try store.claim("a/eth0").lease.address == address("10.9.8.3"))
    #expect(try store.reserveAddress(in: .default) == address("10.9.8.4"))
    #expect(try store.claim("b/eth0", ip: "10.9.8.2").lease.address == address("10.9.8.2"))
    #expect(try store.reservations(network: .default).map(\.address) == [address("10.9.8.4")])
    expect(.networkNotFound) { _ = try store.reserveAddress(in: identifier("nowhere")) }
  }

  @Test("a reservation that is given back goes to the back of the queue")
  func giveBack() throws {
    let first = try store.reserveAddress(in: .default)
    #expect(try store.releaseReservation(of: first, in: .default))
    let next = try (0..<5).map { _ in try store.reserveAddress(in: .default).description }
    #expect(next == ["10.9.8.3", "10.9.8.4", "10.9.8.5", "10.9.8.6", "10.9.8.2"])
    expect(.ipExhausted) { _ = try store.reserveAddress(in: .default) }
  }

  @Test("a leased address is no reservation: it is not given back as one")
  func taken() throws {
    let reserved = try store.reserveAddress(in: .default)
    try store.claim("a/eth0", ip: reserved.description)
    #expect(try !store.releaseReservation(of: reserved, in: .default))
    expect(.addressInUse) { try store.claim("b/eth0", ip: reserved.description) }
  }

  @Test("a reservation says which process made it")
  func process() throws {
    let process = ProcessIdentity(pid: 7, startTime: 70)
    let reserved = try store.reserveAddress(in: .default, for: process)
    #expect(try store.reservations() == [Reservation(network: .default, address: reserved, process: process)])
  }

  // MARK: Sysctls

  @Test("the first value remembered of a sysctl stays, until it is forgotten")
  func sysctls() throws {
    let link = Forwarding.ofLink("svbr0", .v4)
    try store.rememberSysctl(.ipv4Forward, value: "0")
    try store.rememberSysctl(.ipv4Forward, value: "1")
    try store.rememberSysctl(link, value: "1")
    let remembered = try directory.store().rememberedSysctls()
    #expect(
      remembered == [.init(sysctl: link, value: "1"), .init(sysctl: .ipv4Forward, value: "0")])
    try store.forgetSysctls([link])
    #expect(try store.rememberedSysctls().map(\.sysctl) == [.ipv4Forward])
    try store.forgetSysctls()
    #expect(try store.rememberedSysctls() == [])
    try store.rememberSysctl(.ipv4Forward, value: "1")
    #expect(try store.rememberedSysctls().map(\.value) == ["1"])
  }

  // MARK: Adoption

  private func adopted(_ name: String = "web-1/eth0", ip: String = "10.9.8.3") throws -> Lease {
    Lease(
      key: try key(name), network: .default, address: try address(ip), mac: MACAddress(0x52, 0x54, 0, 0, 0, 1),
      tapName: try InterfaceName(parsing: "tap7"), settings: .init(owner: TapOwner(uid: 5)), state: .active)
  }

  @Test("an adopted lease is kept as it is, and its address is not given out again")
  func adopt() throws {
    let lease = try adopted()
    try store.adopt(lease)
    #expect(try store.leases() == [lease])
    let next = try (0..<4).map { try store.claim("next-\($0)/eth0").lease.address.description }
    #expect(next == ["10.9.8.2", "10.9.8.4", "10.9.8.5", "10.9.8.6"])
    try store.verify()
  }

  @Test("adopting what is held already changes nothing, and adopting it as another is refused")
  func adoptTwice() throws {
    let lease = try adopted()
    try store.adopt(lease)
    try store.adopt(lease)
    var other = lease
    other.address = try address("10.9.8.4")
    expect(.attachmentConflict) { try store.adopt(other) }
    #expect(try store.leases() == [lease])
  }

  @Test("networks and leases are adopted all or none")
  func adoptAll() throws {
    let lease = try adopted()
    var other = try adopted("web-2/eth0", ip: "10.9.8.4")
    let before = try store.networks()
    var network = before[0]
    network.name = try identifier("blue")
    network.subnet = try IPv4Subnet(parsing: "10.9.9.0/24")
    network.bridge = try InterfaceName(parsing: "blue0")
    expect(.attachmentConflict) { try store.adopt([network], [lease, other]) }
    #expect(try store.networks() == before && store.leases() == [])
    other.tapName = try InterfaceName(parsing: "tap8")
    other.mac = MACAddress(0x52, 0x54, 0, 0, 0, 2)
    try store.adopt([network], [lease, other])
    #expect(try store.networks().count == 2 && store.leases() == [lease, other])
  }

  @Test("nothing is adopted that another attachment holds, or that no guest can have")
  func adoptTaken() throws {
    let lease = try adopted()
    try store.adopt(lease)
    var other = try adopted("web-2/eth0", ip: "10.9.8.4")
    expect(.attachmentConflict) { try store.adopt(other) }
    other.tapName = try InterfaceName(parsing: "tap8")
    expect(.addressInUse) { try store.adopt(other) }
    other.mac = MACAddress(0x52, 0x54, 0, 0, 0, 2)
    other.address = lease.address
    expect(.addressInUse) { try store.adopt(other) }
    other.address = try address("10.9.8.7")
    expect(.addressOutOfSubnet) { try store.adopt(other) }
    other.address = try address("10.9.8.4")
    other.network = try identifier("nowhere")
    expect(.networkNotFound) { try store.adopt(other) }
    #expect(try store.leases() == [lease])
  }
}
