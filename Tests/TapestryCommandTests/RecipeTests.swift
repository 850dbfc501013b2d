import FoundationEssentials
import TestKit
import Testing

@Suite("The recipes of docs/policy.md", .needsKernel)
struct RecipeTests {
  @Test("are carried out as they stand there, one after another, and leave no drift")
  func all() async throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let recipes = Self.commands(text)
    #expect(recipes.count > 25)
    try await CommandRig.use { rig in
      try await rig.namespace.command("ip", "link", "set", "lo", "up")
      for recipe in recipes {
        let result = try await rig.tapestry(Array(Self.words(recipe).dropFirst()))
        #expect(result.status == 0, "\(recipe): \(result)")
        #expect(try await rig.output("check") == "no drift\n", "\(recipe)")
      }
      _ = try await rig.output("cleanup")
      #expect(try await !rig.namespace.command("nft", "list", "ruleset").contains("tapestry"))
    }
  }

  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/policy.md")

  /// As a shell splits it, as far as the page has need of that.
  private static func words(_ recipe: String) -> [String] {
    recipe.split(separator: " ").map { String($0).replacing("'", with: "") }
  }

  /// What stands in blocks of shell.
  private static func commands(_ text: String) -> [String] {
    var commands: [String] = []
    var isShell = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isShell = line == "```sh"
      } else if isShell, line.hasPrefix("tapestry ") {
        commands.append(String(line))
      }
    }
    return commands
  }
}
