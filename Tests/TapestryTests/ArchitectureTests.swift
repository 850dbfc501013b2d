import FoundationEssentials
import TestKit
import Testing

/// ARCHITECTURE.md's arrows, held against what the package and the sources say.
@Suite("The rooms", .needsKernel)
struct ArchitectureTests {
  /// What each room depends on, as the table in ARCHITECTURE.md says.
  private static let rooms: [String: Set<String>] = [
    "CLinux": [], "CSQLite": [], "NetTypes": [],
    "Linux": ["CLinux", "NetTypes"],
    "SQLite": ["CLinux", "CSQLite", "Linux"],
    "BPF": ["CLinux", "Linux"],
    "Netlink": ["CLinux", "Linux"],
    "RouteNetlink": ["CLinux", "Linux", "Netlink", "NetTypes"],
    "NFTables": ["CLinux", "Linux", "Netlink", "NetTypes"],
    "Conntrack": ["CLinux", "Linux", "Netlink", "NetTypes"],
    "Xtables": ["CLinux", "Linux", "NetTypes"],
    "Tapestry": [
      "NetTypes", "Linux", "SQLite", "BPF", "Netlink", "RouteNetlink", "NFTables", "Conntrack", "Xtables",
      "Logging",
    ],
    "TapestryFoundation": ["Tapestry"],
    "TapestryBenchmark": ["CLinux", "NetTypes", "Linux", "Netlink", "RouteNetlink", "NFTables", "Tapestry"],
    "TapestryCommand": ["TapestryBenchmark", "Tapestry", "Linux", "NetTypes", "ArgumentParser", "Logging"],
  ]

  /// What each folder of the room `Tapestry` may import.
  private static let folders: [String: Set<String>] = [
    "Model": ["NetTypes", "Linux"],
    "Leases": ["NetTypes", "Linux", "SQLite"],
    "Plan": ["NetTypes", "Linux"],
    "Host": ["NetTypes", "Linux", "CLinux", "BPF", "Netlink", "RouteNetlink", "NFTables", "Conntrack", "Xtables"],
    "Manager": ["NetTypes", "Linux", "Logging"],
  ]

  private static let systemModules: Set<String> = ["Glibc", "Synchronization", "FoundationEssentials"]

  private let root: String

  init() {
    root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
  }

  @Test("every target depends on what ARCHITECTURE.md says, and the manifest on nothing more")
  func arrows() async throws {
    let scratch = root + "/.build-describe"
    let description = try await withNamespace { namespace in
      try await namespace.json(
        "swift", "package", "--package-path", root, "--scratch-path", scratch, "describe", "--type", "json")
    }
    var seen: Set<String> = []
    for target in description["targets"].elements where (target["path"].string ?? "").hasPrefix("Sources/") {
      let name = try #require(target["name"].string)
      seen.insert(name)
      let dependencies = (target["target_dependencies"].elements + target["product_dependencies"].elements)
        .compactMap(\.string)
      #expect(Set(dependencies) == Self.rooms[name], "\(name)")
    }
    #expect(seen == Set(Self.rooms.keys))
  }

  @Test("every folder of the library imports what ARCHITECTURE.md says, and no more")
  func imports() throws {
    var checked = 0
    for (folder, allowed) in Self.folders {
      for file in try swiftFiles(in: "\(root)/Sources/Tapestry/\(folder)") {
        for module in try importedModules(of: file) where !Self.systemModules.contains(module) {
          #expect(allowed.contains(module), "\(file) imports \(module)")
        }
        checked += 1
      }
    }
    #expect(checked > 40)
  }

  @Test("the table in ARCHITECTURE.md is the one held here")
  func document() throws {
    let text = try String(contentsOfFile: root + "/ARCHITECTURE.md", encoding: .utf8)
    for (room, dependencies) in Self.rooms {
      let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(room)` |") })
      let cell = row.split(separator: "|", omittingEmptySubsequences: false)[3]
      let external: Set = ["Logging", "ArgumentParser"]
      if cell.contains("all of the above") { continue }
      #expect(
        Set(cell.split(separator: "`").map(String.init).filter { $0.first?.isLetter == true })
          == dependencies.subtracting(external), "\(room)")
    }
  }

  @Test("no source imports Foundation as a whole")
  func foundation() throws {
    for file in try swiftFiles(in: root + "/Sources") {
      #expect(try !importedModules(of: file).contains("Foundation"), "\(file)")
    }
  }

  @Test("no message of the library names the command line, but by a remedy")
  func remedies() throws {
    for file in try swiftFiles(in: root + "/Sources/Tapestry") {
      for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") where !line.contains("//") {
        #expect(!line.contains("'tapestry ") && !line.contains("`tapestry "), "\(file): \(line)")
      }
    }
  }

  @Test("no case of the library's is called none: beside an Optional it would be nil")
  func optionals() throws {
    for room in ["NetTypes", "Linux", "RouteNetlink", "Tapestry"] {
      for file in try swiftFiles(in: "\(root)/Sources/\(room)") {
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
          let declared = line.split { " (:,=".contains($0) }.drop { ["public", "package", "static"].contains($0) }
          guard ["case", "let", "var"].contains(declared.first) else { continue }
          #expect(declared.dropFirst().first != "none", "\(file): \(line)")
        }
      }
    }
  }

  @Test("text becomes a value of the library by what throws: nil would mean what goes without saying")
  func texts() throws {
    for room in ["NetTypes", "Tapestry"] {
      for file in try swiftFiles(in: "\(root)/Sources/\(room)") {
        let source = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!source.contains("LosslessStringConvertible"), "\(file)")
        for line in source.split(separator: "\n") where line.contains("public init?(") {
          #expect(!line.contains(": String"), "\(file): \(line)")
        }
      }
    }
  }

  @Test("no file is over 400 lines")
  func length() throws {
    for folder in ["Sources", "Tests"] {
      for file in try swiftFiles(in: "\(root)/\(folder)") {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false
        ).count
        #expect(lines <= 401, "\(file)")
      }
    }
  }

  // MARK: Reading

  private func swiftFiles(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
      .map { "\(folder)/\($0)" }
  }

  private func importedModules(of file: String) throws -> [String] {
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place <= 2, line.first != " ", line.first != "/" else {
        return nil
      }
      // `import struct Module.Name`
      return words.last.map { String($0.split(separator: ".")[0]) }
    }
  }
}
