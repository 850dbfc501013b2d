import FoundationEssentials
import TestKit
import Testing

@Suite("The manual page", .needsKernel)
struct ManualTests {
  private static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

  private func page() throws -> String {
    let page = try #require(FileManager.default.contents(atPath: Self.root + "/docs/man/tapestry.1"))
    return String(decoding: page, as: UTF8.self)
  }

  @Test("is what the command says of itself: 'make docs' makes it anew")
  func current() async throws {
    let page = try page()
    let date = try #require(page.split(separator: "\n").first?.split(separator: "\"").dropFirst().first)
    try await CommandRig.use { rig in
      let version = try await rig.output("--version").dropLast()
      let made = try await rig.shell(
        "tapestry --experimental-dump-help | '\(Self.root)/Scripts/man-page' '\(version)' '\(date)'"
      )
      #expect(try made.checked().stdout == page)
    }
  }

  @Test("has what people look for in one, and loses no sign and no value")
  func complete() throws {
    let page = try page()
    for section in [
      "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES",
    ] {
      #expect(page.contains("\n.SH \(section)\n"), "\(section)")
    }
    #expect(page.utf8.allSatisfy { $0 < 128 })
    #expect(page.contains("qemu\\-system\\-x86_64 \\[u2026] \\-append"))
    #expect(page.contains("One of \\fBall\\fR, \\fBinternet\\fR, \\fBnone\\fR."))
    #expect(page.contains("\n\\fBfirecracker\\fR\n"))
    #expect(page.contains("TAPESTRY_STATE") && page.contains("/var/lib/tapestry/state.db.lock"))
  }

  @Test("beside it, docs/troubleshooting.md says what every code means")
  func codes() throws {
    let text = { (path: String) in
      String(decoding: try #require(FileManager.default.contents(atPath: Self.root + path)), as: UTF8.self)
    }
    let source = try text("/Sources/Tapestry/Model/TapestryError.swift")
    let codes = source.matches(of: /Self\(rawValue: "([A-Z_]+)"\)/).map(\.output.1)
    #expect(codes.count > 30)
    let page = try text("/docs/troubleshooting.md")
    #expect((codes + ["USAGE"]).filter { !page.contains("`\($0)`") } == [])
  }
}
