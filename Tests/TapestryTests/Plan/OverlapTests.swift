import NetTypes
import Testing

@testable import Tapestry

@Suite("What a new subnet must not overlap")
struct OverlapTests {
  private let subnet = IPPrefix.v4(Network.defaultSubnet.prefix)

  private func observed(address: String? = nil, prefixLength: Int = 24, route: String? = nil) throws -> Observed {
    var observed = Observed()
    observed.links["eth0"] = ObservedLink(index: 2, name: "eth0", kind: nil, mark: nil, mtu: 1500, isUp: true)
    if let address {
      observed.links["eth0"]?.addresses = [try IPAddress(parsing: address): prefixLength]
    }
    if let route { observed.routes = [ObservedRoute(link: 2, destination: try IPPrefix(parsing: route))] }
    return observed
  }

  @Test("an address of the host within it is named")
  func address() throws {
    let found = Overlap.first(of: subnet, others: [], observed: try observed(address: "172.30.0.77", prefixLength: 16))
    #expect(found == "the host's address 172.30.0.77/16 on eth0")
  }

  @Test("a route of the host to it is named, the default route is not")
  func route() throws {
    let found = Overlap.first(of: subnet, others: [], observed: try observed(route: "172.16.0.0/12"))
    #expect(found == "the host's route to 172.16.0.0/12 on eth0")
    #expect(Overlap.first(of: subnet, others: [], observed: try observed(route: "0.0.0.0/0")) == nil)
  }

  @Test(
    "addresses that no guest can have are named",
    arguments: [
      ("0.1.0.0/16", "0.0.0.0/8, which stands for a host without an address"),
      ("127.5.0.0/24", "127.0.0.0/8, the loopback addresses"),
      ("169.254.0.0/16", "169.254.0.0/16, the link-local addresses, which no guest may reach"),
      ("239.0.0.0/8", "224.0.0.0/4, the multicast addresses"),
    ])
  func special(subnet: String, words: String) throws {
    #expect(Overlap.first(of: try IPPrefix(parsing: subnet), others: [], observed: Observed()) == words)
  }

  @Test("another network is named, the same one is not")
  func network() throws {
    let other = Network(
      name: Identifier(known: "blue"), subnet: try IPv4Subnet(parsing: "172.30.0.128/25"), bridge: Network.defaultBridge
    )
    #expect(Overlap.first(of: subnet, others: [other], observed: Observed()) == "172.30.0.128/25 of network 'blue'")
    #expect(Overlap.first(of: subnet, others: [other], observed: Observed(), except: other.mark) == nil)
  }

  @Test("the addresses and routes of a bridge that is the network's already are its own")
  func own() throws {
    var observed = try observed(address: "172.30.0.1", route: "172.30.0.0/24")
    observed.links["eth0"]?.mark = .network(.default)
    #expect(Overlap.first(of: subnet, others: [], observed: observed, except: .network(.default)) == nil)
    #expect(Overlap.first(of: subnet, others: [], observed: observed, except: .network(Identifier(known: "x"))) != nil)
  }

  @Test("so are the routes to its guests; and a VPN that takes everything by two halves overlaps nothing")
  func guests() throws {
    var observed = try observed(route: "172.30.0.2/32")
    let key = AttachmentKey(vm: Identifier(known: "web-1"), interface: Identifier(known: "eth0"))
    observed.links["eth0"]?.mark = .attachment(network: .default, key: key)
    #expect(Overlap.first(of: subnet, others: [], observed: observed, except: .network(.default)) == nil)
    #expect(Overlap.first(of: subnet, others: [], observed: observed) != nil)
    for half in ["0.0.0.0/1", "128.0.0.0/1"] {
      let observed = try self.observed(route: half)
      #expect(Overlap.first(of: subnet, others: [], observed: observed) == nil)
      #expect(observed.defaultRoutes(.v4).count == 1)
    }
  }

  @Test("a refusing route overlaps in IPv4; in IPv6 only what is as long or shorter", arguments: IPFamily.allCases)
  func refused(family: IPFamily) throws {
    let texts = family == .v4 ? ("10.0.0.0/8", "10.1.0.0/16") : ("2001:db8::/48", "2001:db8:0:1::/64")
    var observed = Observed()
    observed.routes = [ObservedRoute(destination: try IPPrefix(parsing: texts.0), isRefused: true)]
    let words = "the host's route to \(texts.0)"
    #expect(Overlap.first(of: try IPPrefix(parsing: texts.0), others: [], observed: observed) == words)
    #expect(
      Overlap.first(of: try IPPrefix(parsing: texts.1), others: [], observed: observed) == (family == .v4 ? words : nil)
    )
  }
}
