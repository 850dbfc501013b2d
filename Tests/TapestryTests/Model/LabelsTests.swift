import Foundation
import Testing

@testable import Tapestry

@Suite("Labels")
struct LabelsTests {
  @Test("are sorted, and one text that is read back as it was written")
  func text() throws {
    let labels = try Labels(parsing: ["tier=web", "app.example.org/name=a:b@1+c", "empty="])
    #expect(labels.description == "app.example.org/name=a:b@1+c,empty=,tier=web")
    #expect(Labels(text: labels.description) == labels)
    #expect(labels["tier"] == "web" && labels["empty"] == "" && labels["none"] == nil)
    for text in ["", "a", "b=1,a=1", "a=1,a=1", "a=1,", "a=1;b=2", "-a=1"] {
      #expect(Labels(text: text) == nil, "\(text)")
    }
  }

  @Test(
    "with other characters, too long, twice or too many are refused",
    arguments: [
      ["tier"], ["=web"], ["tier=a b"], ["tier=a,b"], ["tier=\"a\""], ["tier=a;b"], ["tier=ü"], ["-tier=web"],
      ["tier-=web"],
      [String(repeating: "k", count: 64) + "=v"], ["k=" + String(repeating: "v", count: 64)], ["a=1", "a=2"],
      (0...Labels.maximum).map { "key\($0)=value" },
    ])
  func invalid(words: [String]) { expect(.invalidLabel) { _ = try Labels(parsing: words) } }

  @Test("are set and removed, and what is not named stays")
  func change() throws {
    var labels = try Labels(parsing: ["a=1", "b=2"])
    try labels.change(by: ["b=3", "c=4", "a-", "none-"])
    #expect(labels.description == "b=3,c=4")
    for word in ["b", "-", "b=x y"] { expect(.invalidLabel) { try labels.change(by: [word]) } }
    try labels.set("b", to: nil)
    #expect(labels.description == "c=4")
  }

  @Test("are a setting of attachments and of networks, which the kernel's tables have as text")
  func setting() throws {
    let labels = try Labels(parsing: ["tier=web", "app=shop"])
    let settings = AttachmentSettings(owner: TapOwner(uid: 1), labels: labels)
    #expect(settings.text == "owner=1;labels=app=shop,tier=web" && settings.note == "labels=app=shop,tier=web")
    #expect(AttachmentSettings(text: settings.text) == settings)
    let network = NetworkSettings(egress: EgressPolicy(reach: .nothing), nat: false, labels: labels)
    #expect(network.text == "nat=no;egress=none;labels=app=shop,tier=web")
    #expect(network.note == network.text)
    #expect(NetworkSettings(text: network.text) == network)
  }

  @Test("are an object in JSON")
  func coding() throws {
    let labels = try Labels(parsing: ["tier=web", "app=shop"])
    let settings = AttachmentSettings(labels: labels)
    let json = try JSONEncoder().encode(settings)
    #expect(try JSONDecoder().decode(AttachmentSettings.self, from: json) == settings)
    expect(.invalidLabel) {
      _ = try JSONDecoder().decode(AttachmentSettings.self, from: Data(#"{"labels":{"a b":"c"}}"#.utf8))
    }
  }
}
