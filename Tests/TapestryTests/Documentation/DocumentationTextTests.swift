import FoundationEssentials
import Testing

/// The articles in Tapestry.docc show code that `DocumentationTests` runs, line by line.
@Suite("The documentation's text")
struct DocumentationTextTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 }
  private static let catalogue = root + "/Sources/Tapestry/Tapestry.docc"
  private static let articles = ["YourFirstGuest", "Policies", "LivingWithCrashes", "EmbeddingInAServer"]

  @Test("shows code that is compiled and run, and shows all of it")
  func code() throws {
    var shown: [String: [String]] = [:]
    for article in Self.articles {
      let blocks = Self.blocks(try Self.lines("\(Self.catalogue)/\(article).md"))
      #expect(!blocks.isEmpty, "\(article) has no block of Swift")
      for (index, block) in blocks.enumerated() { shown["\(article).\(index + 1)"] = block }
    }
    let run = Self.regions(try Self.lines("\(Self.root)/Tests/TapestryTests/Documentation/DocumentationTests.swift"))
    #expect(Set(shown.keys) == Set(run.keys))
    for (name, block) in shown { #expect(run[name] == block, "\(name)") }
  }

  @Test("has no article that is not compared")
  func all() throws {
    let pages = try FileManager.default.contentsOfDirectory(atPath: Self.catalogue).filter { $0.hasSuffix(".md") }
    #expect(Set(pages) == Set((Self.articles + ["Tapestry"]).map { "\($0).md" }))
    let landing = try Self.lines("\(Self.catalogue)/Tapestry.md")
    for article in Self.articles { #expect(landing.contains("- <doc:\(article)>")) }
  }

  @Test("lists every public type on its first page")
  func types() throws {
    let sources = Self.root + "/Sources/Tapestry"
    var declared: Set<String> = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: sources) where path.hasSuffix(".swift") {
      for line in try Self.lines("\(sources)/\(path)") where line.hasPrefix("public ") {
        let words = line.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let kinds: Set = ["struct", "enum", "actor", "class", "protocol"]
        guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count else { continue }
        declared.insert(words[kind + 1])
      }
    }
    let listed = try Self.lines("\(Self.catalogue)/Tapestry.md").filter { $0.hasPrefix("- ``") }
      .map { $0.dropFirst(4).dropLast(2) }
    #expect(declared.count > 20)
    #expect(Set(listed.map(String.init)) == declared)
    #expect(listed.count == declared.count)
  }

  @Test("is compared without the indentation that a test function adds")
  func indentation() {
    let source = ["    // docs: A.1", "    do {", "", "      run()", "    }", "    // end", "    other()"]
    let regions = Self.regions(source)
    #expect(regions == ["A.1": ["do {", "", "  run()", "}"]])
    #expect(Self.blocks(["text", "```swift", "a", "```", "```", "b", "```"]) == [["a"]])
  }

  // MARK: Reading

  private static func lines(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  /// The blocks of Swift of an article, in order.
  private static func blocks(_ lines: [String]) -> [[String]] {
    var blocks: [[String]] = []
    var block: [String]?
    for line in lines {
      if let open = block {
        block = line == "```" ? nil : open + [line]
        if line == "```" { blocks.append(open) }
      } else if line == "```swift" {
        block = []
      }
    }
    return blocks
  }

  /// The marked regions of a source file, by name.
  private static func regions(_ lines: [String]) -> [String: [String]] {
    let mark = "// docs: "
    var regions: [String: [String]] = [:]
    var current: (name: String, lines: [String])?
    for line in lines {
      let code = line.drop { $0 == " " }
      if code.hasPrefix(mark) {
        current = (String(code.dropFirst(mark.count)), [])
      } else if code == "// end", let region = current {
        regions[region.name] = withoutIndentation(region.lines)
        current = nil
      } else {
        current?.lines.append(line)
      }
    }
    return regions
  }

  /// The lines without the indentation that all of them have.
  private static func withoutIndentation(_ lines: [String]) -> [String] {
    let indented = lines.filter { !$0.allSatisfy { $0 == " " } }
    let common = indented.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(common)) }
  }
}
