// swift-tools-version: 6.3
import PackageDescription

/// Every room is held to the same rules; a warning is an error.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// With TAPESTRY_FUZZ set, as `Scripts/fuzz` does, the package is a program of libFuzzer's, which brings a `main`.
let isFuzzing = Context.environment["TAPESTRY_FUZZ"] != nil

/// With TAPESTRY_OPTIMIZED set, as `Scripts/test` does, debug builds optimise the rooms: tests spend most of their time there.
/// (A package with unsafe flags cannot be a dependency, so this is not the default.)
let optimized = strict + (Context.environment["TAPESTRY_OPTIMIZED"] != nil ? [.unsafeFlags(["-O"])] : [])

let commandDependencies: [Target.Dependency] = [
  "TapestryBenchmark", "Tapestry", "Linux", "NetTypes",
  .product(name: "ArgumentParser", package: "swift-argument-parser"),
  .product(name: "Logging", package: "swift-log"),
]

/// The rooms, lowest first: a room depends only on rooms above it in this list (held by `ArchitectureTests`).
let rooms: [Target] = [
  .target(name: "CLinux"),
  .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
  .target(name: "NetTypes", swiftSettings: optimized),
  .target(name: "Linux", dependencies: ["CLinux", "NetTypes"], swiftSettings: optimized),
  .target(name: "SQLite", dependencies: ["CLinux", "CSQLite", "Linux"], swiftSettings: optimized),
  .target(name: "BPF", dependencies: ["CLinux", "Linux"], swiftSettings: optimized),
  .target(name: "Netlink", dependencies: ["CLinux", "Linux"], swiftSettings: optimized),
  .target(name: "RouteNetlink", dependencies: ["CLinux", "Linux", "Netlink", "NetTypes"], swiftSettings: optimized),
  .target(name: "NFTables", dependencies: ["CLinux", "Linux", "Netlink", "NetTypes"], swiftSettings: optimized),
  .target(name: "Conntrack", dependencies: ["CLinux", "Linux", "Netlink", "NetTypes"], swiftSettings: optimized),
  .target(name: "Xtables", dependencies: ["CLinux", "Linux", "NetTypes"], swiftSettings: optimized),
  .target(
    name: "Tapestry",
    dependencies: [
      "NetTypes", "Linux", "SQLite", "BPF", "Netlink", "RouteNetlink", "NFTables", "Conntrack", "Xtables",
      .product(name: "Logging", package: "swift-log"),
    ],
    swiftSettings: optimized),
  .target(name: "TapestryFoundation", dependencies: ["Tapestry"], swiftSettings: optimized),
  .target(
    name: "TapestryBenchmark",
    dependencies: ["CLinux", "NetTypes", "Linux", "Netlink", "RouteNetlink", "NFTables", "Tapestry"],
    swiftSettings: optimized),
  isFuzzing
    ? .target(
      name: "TapestryCommand", dependencies: commandDependencies, exclude: ["main.swift"], swiftSettings: optimized)
    : .executableTarget(name: "TapestryCommand", dependencies: commandDependencies, swiftSettings: optimized),
]

let tests: [Target] = [
  .target(
    name: "TestKit", dependencies: ["CLinux", "NetTypes", "Linux"], path: "Tests/TestKit", swiftSettings: strict),
  .testTarget(name: "NetTypesTests", dependencies: ["NetTypes", "TestKit"], swiftSettings: strict),
  .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestKit"], swiftSettings: strict),
  .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "TestKit"], swiftSettings: strict),
  .testTarget(name: "BPFTests", dependencies: ["BPF", "TestKit"], swiftSettings: strict),
  .testTarget(name: "NetlinkTests", dependencies: ["Netlink", "TestKit"], swiftSettings: strict),
  .testTarget(name: "RouteNetlinkTests", dependencies: ["RouteNetlink", "TestKit"], swiftSettings: strict),
  .testTarget(name: "NFTablesTests", dependencies: ["NFTables", "TestKit"], swiftSettings: strict),
  .testTarget(name: "ConntrackTests", dependencies: ["Conntrack", "TestKit"], swiftSettings: strict),
  .testTarget(name: "XtablesTests", dependencies: ["Xtables", "TestKit"], swiftSettings: strict),
  .testTarget(
    name: "TapestryTests", dependencies: ["Tapestry", "TapestryFoundation", "TestKit"],
    exclude: ["Vectors"], swiftSettings: strict),
  .testTarget(
    name: "TapestryCommandTests",
    dependencies: [
      "TapestryCommand", "Tapestry", "Linux", "TestKit",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ], swiftSettings: strict),
  .testTarget(name: "CrashTests", dependencies: ["TestKit", "Linux", "NetTypes"], swiftSettings: strict),
  .testTarget(name: "EndToEndTests", dependencies: ["Tapestry", "TestKit"], swiftSettings: strict),
]

/// The same sources twice: as tests, which replay what fuzzing found, and as the program that looks for more.
let fuzzDependencies: [Target.Dependency] = [
  "CLinux", "NetTypes", "Linux", "SQLite", "Netlink", "RouteNetlink", "NFTables", "Conntrack", "Xtables", "Tapestry",
  "TapestryCommand",
  .product(name: "ArgumentParser", package: "swift-argument-parser"),
]
let fuzzing: Target =
  isFuzzing
  ? .executableTarget(
    name: "Fuzzer", dependencies: fuzzDependencies, path: "Tests/FuzzTests", exclude: ["Corpus", "Replay"],
    swiftSettings: strict)
  : .testTarget(
    name: "FuzzTests", dependencies: fuzzDependencies + ["TestKit"], exclude: ["Corpus", "LibFuzzer"],
    swiftSettings: strict)

let package = Package(
  name: "tapestry",
  products: isFuzzing
    ? []
    : [
      .library(name: "Tapestry", targets: ["Tapestry"]),
      .library(name: "TapestryFoundation", targets: ["TapestryFoundation"]),
      .executable(name: "tapestry", targets: ["TapestryCommand"]),
    ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: isFuzzing ? rooms + [fuzzing] : rooms + tests + [fuzzing]
)
