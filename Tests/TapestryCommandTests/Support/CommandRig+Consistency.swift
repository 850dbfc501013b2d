import TestKit
import Testing
import _StringProcessing

extension CommandRig {
  /// What is attached is what the kernel has, no more and no less, and no two have anything in common.
  func expectConsistent(_ count: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let attachments = try await json("ls").elements
    if let count { #expect(attachments.count == count, sourceLocation: sourceLocation) }
    for field in ["tapName", "mac"] {
      let values = attachments.compactMap { $0[field].string }
      #expect(Set(values).count == attachments.count, "\(field)", sourceLocation: sourceLocation)
    }
    #expect(Set(attachments.map { [$0["network"], $0["guestIp"]] }).count == attachments.count)

    let marks = attachments.compactMap { attachment in
      attachment["vmId"].string.map { vm in
        "\(attachment["tapName"].string ?? "") tapestry:\(attachment["network"].string ?? "")/\(vm)/"
          + "\(attachment["interfaceId"].string ?? "")"
      }
    }
    let links = try await namespace.json("ip", "-j", "-d", "link").elements
    let taps = links.filter { $0["linkinfo"]["info_kind"] == "tun" }
    #expect(
      Set(taps.map { "\($0["ifname"].string ?? "") \($0["ifalias"].string ?? "")" }) == Set(marks),
      sourceLocation: sourceLocation)
    #expect(taps.count == attachments.count, sourceLocation: sourceLocation)

    let guests = attachments.map { attachment in
      "\(attachment["tapName"]) \(attachment["mac"]) \(attachment["guestIp"])"
    }
    let elements = try await namespace.json("nft", "-j", "list", "set", "bridge", "tapestry", "guests")["nftables"]
      .elements.last?["set"]["elem"].elements.map { element in
        element["concat"].elements.map(\.description).joined(separator: " ")
      }
    #expect(Set(elements ?? []) == Set(guests), sourceLocation: sourceLocation)
    #expect(try await output("check") == "no drift\n", sourceLocation: sourceLocation)
  }

  /// The two tables without what is in their sets, and without the kernel's running numbers.
  func bareRuleset() async throws -> JSONValue {
    // Nor what tells one state file from another.
    let text = try await namespace.command("nft", "-j", "list", "ruleset")
      .replacing(/"state\.[0-9a-f]{16}\./, with: "\"state.").replacing(
        /"comment": "[^"]*state\.db"/, with: "\"comment\": \"\"")
    return try JSONValue(parsing: text).without(["handle", "elem"])
  }
}

extension JSONValue {
  fileprivate func without(_ keys: Set<String>) -> JSONValue {
    switch self {
    case .array(let elements): .array(elements.map { $0.without(keys) })
    case .object(let members):
      .object(members.filter { !keys.contains($0.key) }.mapValues { $0.without(keys) })
    default: self
    }
  }
}
