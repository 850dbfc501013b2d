import FoundationEssentials
import NetTypes
import Testing

@testable import Tapestry

@Suite("Which address an attachment gets")
struct AllocationTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  @Test("addresses are the original's, in its order, and so is the error when they run out")
  func vectors() throws {
    struct Vectors: Decodable {
      struct Allocation: Decodable {
        struct Failure: Decodable {
          var code: String
          var message: String
        }
        var subnet: String
        var sequence: [String]
        var exhausted: Failure
      }
      var allocation: Allocation
    }
    let folder = #filePath.split(separator: "/").dropLast(2).reduce(into: "") { $0 += "/" + $1 }
    let data = try Data(contentsOf: URL(filePath: folder + "/Vectors/vectors.json"))
    let allocation = try JSONDecoder().decode(Vectors.self, from: data).allocation

    let store = try directory.store(subnet: allocation.subnet)
    for (index, expected) in allocation.sequence.enumerated() {
      #expect(try store.claim("vm-\(index)/eth0").lease.address.description == expected)
    }
    let error = expect(.init(rawValue: allocation.exhausted.code)) { try store.claim("late/eth0") }
    #expect(error?.message == allocation.exhausted.message)
  }

  @Test("defect mended: an address that was released is used again")
  func released() throws {
    let store = try directory.store(subnet: "10.9.8.0/30")
    for round in 0..<3 {
      #expect(try store.claim("vm-\(round)/eth0").lease.address == address("10.9.8.2"))
      expect(.ipExhausted) { try store.claim("late/eth0") }
      try store.end("vm-\(round)/eth0")
    }
  }

  @Test("defect mended: a restart does not hand out live addresses again")
  func restart() throws {
    do { try directory.store(subnet: "10.9.8.0/29").claim("web-1/eth0") }
    let restarted = try directory.store()
    #expect(try restarted.claim("web-2/eth0").lease.address == address("10.9.8.3"))
    #expect(try restarted.leases().map(\.address.description) == ["10.9.8.2", "10.9.8.3"])
  }

  @Test("a released address waits until no never-used one is left, and then the oldest release comes first")
  func coolDown() throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    for name in ["a", "b", "c"] { try store.claim("\(name)/eth0") }
    try store.end("b/eth0")
    try store.end("a/eth0")
    let next = try ["d", "e", "f", "g"].map { try store.claim("\($0)/eth0").lease.address.description }
    #expect(next == ["10.9.8.5", "10.9.8.6", "10.9.8.3", "10.9.8.2"])
    expect(.ipExhausted) { try store.claim("h/eth0") }
    try store.end("c/eth0")
    #expect(try store.claim("h/eth0").lease.address == address("10.9.8.4"))
  }

  @Test("an address asked for by name is passed over when its turn comes, and none is lost before it")
  func explicit() throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.claim("x/eth0", ip: "10.9.8.3")
    try store.claim("y/eth0", ip: "10.9.8.2")
    try store.claim("z/eth0", ip: "10.9.8.6")
    #expect(try store.claim("a/eth0").lease.address == address("10.9.8.4"))
    #expect(try store.claim("b/eth0").lease.address == address("10.9.8.5"))
    expect(.ipExhausted) { try store.claim("c/eth0") }
  }

  @Test("an address asked for by name and released waits like any other")
  func explicitReleased() throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.claim("x/eth0", ip: "10.9.8.4")
    try store.end("x/eth0")
    let next = try ["a", "b", "c", "d", "e"].map { try store.claim("\($0)/eth0").lease.address.description }
    #expect(next == ["10.9.8.2", "10.9.8.3", "10.9.8.5", "10.9.8.6", "10.9.8.4"])
  }

  @Test("an address in cool-down is to be had by name, and leaves the queue")
  func explicitFromQueue() throws {
    let store = try directory.store(subnet: "10.9.8.0/30")
    try store.claim("a/eth0")
    try store.end("a/eth0")
    try store.claim("b/eth0", ip: "10.9.8.2")
    expect(.ipExhausted) { try store.claim("c/eth0") }
    try store.verify()
  }

  @Test(
    "an address that guests cannot have is refused, and nothing changes",
    arguments: [
      ("10.9.8.0", TapestryError.Code.addressOutOfSubnet, "is the network address of"),
      ("10.9.8.7", .addressOutOfSubnet, "is the broadcast address of"),
      ("10.9.8.8", .addressOutOfSubnet, "is outside"), ("10.9.7.255", .addressOutOfSubnet, "is outside"),
      ("0.0.0.0", .addressOutOfSubnet, "is outside"), ("255.255.255.255", .addressOutOfSubnet, "is outside"),
      ("10.9.8.1", .addressInUse, "is the gateway of"), ("10.9.8.2", .addressInUse, "is held by web-1/eth0"),
    ])
  func refused(ip: String, code: TapestryError.Code, words: String) throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.claim("web-1/eth0")
    let error = expect(code) { try store.claim("web-2/eth0", ip: ip) }
    #expect(error?.message.contains("Address \(ip) \(words)") == true, "\(error?.message ?? "")")
    #expect(try store.leases().count == 1)
    #expect(try store.claim("web-2/eth0").lease.address == address("10.9.8.3"))
  }

  @Test("networks do not share addresses: each has its own order and its own queue")
  func twoNetworks() throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.insert(network("other", subnet: "10.1.0.0/30", bridge: "br1"))
    let other = try identifier("other")
    try store.claim("a/eth0")
    #expect(try store.claim(LeaseRequest(key: key("a/eth1")), in: other).lease.address == address("10.1.0.2"))
    #expect(try store.claim("b/eth0").lease.address == address("10.9.8.3"))
    try store.end("a/eth0")
    expect(.ipExhausted) { _ = try store.claim(LeaseRequest(key: key("c/eth1")), in: other) }
  }

  @Test("the largest subnet ends where it ends: 255.255.255.254 is its last guest")
  func end() throws {
    let store = try directory.store(subnet: "255.255.255.252/30")
    #expect(try store.claim("a/eth0").lease.address == address("255.255.255.254"))
    expect(.ipExhausted) { try store.claim("b/eth0") }
    try store.end("a/eth0")
    #expect(try store.claim("b/eth0").lease.address == address("255.255.255.254"))
  }
}
