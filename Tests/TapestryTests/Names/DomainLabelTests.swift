import NetTypes
import Testing

@testable import Tapestry

@Suite("A domain label")
struct DomainLabelTests {
  @Test(
    "is the id itself where that is one", arguments: ["web-1", "a", "0", "x--y", String(repeating: "a", count: 63)])
  func legal(id: String) throws {
    #expect(try Identifier(parsing: id, field: "VM id").domainLabel == id)
  }

  @Test(
    "is made of any other id, always the same, and legal",
    arguments: ["Web_1", "a.b", "a:b", "-a", "a-", ".", "..", "---", "_", "ABC", String(repeating: "a", count: 64)])
  func made(id: String) throws {
    let identifier = try Identifier(parsing: id, field: "VM id")
    let label = identifier.domainLabel
    #expect(label == identifier.domainLabel && label != id)
    #expect((1...63).contains(label.utf8.count), "\(label)")
    #expect(label.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLowercase) || $0 == "-" }, "\(label)")
    #expect(!label.hasPrefix("-") && !label.hasSuffix("-"), "\(label)")
  }

  @Test("is no other id's")
  func unique() throws {
    let ids = ["web-1", "web_1", "Web-1", "WEB-1", "web.1", "web:1", "web-1-", "-web-1", "web--1"]
    let labels = try ids.map { try Identifier(parsing: $0, field: "VM id").domainLabel }
    #expect(Set(labels).count == ids.count, "\(labels)")
    #expect(labels[1] == "web-1-" + labels[1].suffix(8))
  }

  @Test("ends in the network's domain, and is told where guests may reach each other alone")
  func domain() {
    var network = Network(name: .default, subnet: Network.defaultSubnet, bridge: Network.defaultBridge)
    let vm: Identifier = "Db"
    #expect(network.domainName(ofVM: vm) == nil)
    network.settings.nameServer = NameServer()
    #expect(network.domain == "default.internal" && network.domainName(ofVM: vm) == nil)
    network.settings.allowsInterVM = true
    #expect(network.domainName(ofVM: vm)?.hasSuffix(".default.internal") == true)
  }
}
