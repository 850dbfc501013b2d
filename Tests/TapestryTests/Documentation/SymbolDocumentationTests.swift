import FoundationEssentials
import Testing

/// Reads the sources as text: what a declaration is, by the words that it begins with; what documents it, by the lines above.
@Suite("The doc comments")
struct SymbolDocumentationTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 }

  @Test("every public symbol has a summary")
  func summaries() throws {
    let (symbols, offenders) = try Self.symbols { $0.hasSummary }
    #expect(symbols > 500)
    #expect(offenders.isEmpty, "\(offenders.count) public symbols: \(offenders.prefix(10).joined(separator: "; "))")
  }

  @Test("every public function that throws says what")
  func errors() throws {
    let (symbols, offenders) = try Self.symbols { !$0.throwsErrors || $0.saysWhatItThrows }
    #expect(symbols > 500)
    #expect(offenders.isEmpty, "\(offenders.count) public functions: \(offenders.prefix(10).joined(separator: "; "))")
  }

  @Test("are found as they stand in a source")
  func scan() {
    let source = """
      import Linux
      public import NetTypes
      /// A.
      public struct A {
        public var bare: Int
        /// - Throws: Nothing is said but this.
        public init(text: String) throws {}
        /// Runs.
        @discardableResult
        public func run(
          _ body: () throws -> Void
        ) -> Int { 1 }
        /// Fails.
        public func fail(_ body: () -> Void = {}) async throws(E) -> Int { 1 }
        public init(from decoder: any Decoder) throws {}
      }
      /// B.
      public enum B {
        /// One and two.
        case one
        case two

        case three
      }
      extension A {
        case notOne
      }
      """
    let symbols = Self.symbols(of: source)
    #expect(symbols.map(\.line) == [4, 5, 7, 10, 14, 15, 18, 20, 21, 23])
    #expect(symbols.filter { !$0.hasSummary }.map(\.line) == [5, 7, 15, 23])
    #expect(symbols.filter(\.throwsErrors).map(\.line) == [7, 14])
  }

  /// A public declaration, or a case of a public enumeration.
  private struct Symbol {
    /// Its line in the file, from 1 on.
    var line: Int
    var text: String
    /// The lines of the doc comment above it, without slashes and indentation.
    var comment: [String]
    /// Whether it is a case whose comment is that of the case on the line above.
    var sharesComment: Bool
    /// Whether it is a function or an initializer that throws, other than those of Codable.
    var throwsErrors: Bool

    var saysWhatItThrows: Bool { comment.contains { $0.hasPrefix("- Throws:") } }
    var hasSummary: Bool { sharesComment || comment.first.map { !$0.isEmpty && !$0.hasPrefix("-") } ?? false }
  }

  /// Counts the symbols, and names those that do not hold.
  private static func symbols(_ holds: (Symbol) -> Bool) throws -> (count: Int, offenders: [String]) {
    var count = 0
    var offenders: [String] = []
    for room in ["Sources/Tapestry", "Sources/NetTypes"] {
      let files = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(room)")
      for file in files.sorted() where file.hasSuffix(".swift") {
        for symbol in symbols(of: try String(contentsOfFile: "\(root)/\(room)/\(file)", encoding: .utf8)) {
          count += 1
          if !holds(symbol) { offenders.append("\(room)/\(file):\(symbol.line): \(symbol.text)") }
        }
      }
    }
    return (count, offenders)
  }

  private static func symbols(of source: String) -> [Symbol] {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    var symbols: [Symbol] = []
    // How far the public enumeration is indented that the line is in.
    var enumeration: Int?
    for (index, line) in lines.enumerated() {
      let indentation = line.prefix { $0 == " " }.count
      let text = withoutAttributes(line)
      if let outer = enumeration, text.hasPrefix("}"), indentation <= outer { enumeration = nil }
      let isImport = text.hasPrefix("public import ") || text.hasPrefix("public extension ")
      let isPublic = text.hasPrefix("public ") && !isImport
      let isCase = text.hasPrefix("case ") && enumeration == indentation - 2
      guard isPublic || isCase else { continue }
      if isPublic, text.split(separator: " ").contains("enum"), !text.hasSuffix("}") { enumeration = indentation }

      let above = lines[..<index].reversed().map { $0.drop { $0 == " " } }.drop { $0.hasPrefix("@") }
      let comment = above.prefix { $0.hasPrefix("///") }.reversed().map { String($0.dropFirst(3).drop { $0 == " " }) }
      symbols.append(
        Symbol(
          line: index + 1, text: text, comment: comment,
          sharesComment: isCase && comment.isEmpty && above.first?.hasPrefix("case ") == true,
          throwsErrors: isPublic && throwsErrors(lines[index...])))
    }
    return symbols
  }

  private static func withoutAttributes(_ line: Substring) -> String {
    var text = line.drop { $0 == " " }
    while text.hasPrefix("@") {
      text = text.dropFirst().drop { $0.isLetter || $0.isNumber || $0 == "_" }
      if text.hasPrefix("(") { text = text.drop { $0 != ")" }.dropFirst() }
      text = text.drop { $0 == " " }
    }
    return String(text)
  }

  /// Whether the declaration that the lines begin with is a function or an initializer that throws.
  private static func throwsErrors(_ lines: ArraySlice<Substring>) -> Bool {
    guard let first = lines.first, !["init(from ", "encode(to "].contains(where: { first.contains($0) }),
      words(first.prefix { $0 != "(" }).contains(where: { $0 == "func" || $0 == "init" })
    else { return false }
    // What is outside of parentheses, up to the body.
    var signature = ""
    var depth = 0
    for character in lines.prefix(20).joined(separator: " ") {
      if character == ")" { depth -= 1 }
      if depth == 0, character == "{" { break }
      if depth == 0 { signature.append(character) }
      if character == "(" { depth += 1 }
    }
    return words(signature[...]).contains { $0 == "throws" || $0 == "rethrows" }
  }

  private static func words(_ text: Substring) -> [String] {
    text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
}
