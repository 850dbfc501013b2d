import FoundationEssentials
import Glibc
import NetTypes
import Testing

@testable import Tapestry

/// A directory for the state files of one test; it goes when the test lets go of it.
final class StateDirectory: Sendable {
  let path: String
  /// The state file, in a directory that is not there yet.
  var file: String { path + "/tapestry/state.db" }

  init() throws {
    var template = Array("/tmp/tapestry-test-XXXXXX".utf8CString)
    path = try #require(unsafe mkdtemp(&template).map { unsafe String(cString: $0) })
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Opens the state file, in a boot that does not end.
  func store(boot: String = "boot-1") throws -> SQLiteLeaseStore { try SQLiteLeaseStore(path: file, bootID: boot) }

  /// The state file with the network `default`.
  func store(subnet: String) throws -> SQLiteLeaseStore {
    let store = try store()
    try store.insert(network(subnet: subnet))
    return store
  }

  /// Every byte of the state file.
  func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file))) }

  /// Puts a file in the state file's place.
  func write(_ bytes: [UInt8]) throws {
    try? FileManager.default.createDirectory(atPath: path + "/tapestry", withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file))
  }

  /// Removes the state file (an empty suffix), or files beside it.
  func remove(_ suffixes: String...) {
    for suffix in suffixes { try? FileManager.default.removeItem(atPath: file + suffix) }
  }

  /// The names of the files beside the state file, itself included.
  func files() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: path + "/tapestry")) }
}

/// A network; by default the one called `default`, with guests 10.9.8.2 to 10.9.8.6.
func network(
  _ name: String = "default", subnet: String = "10.9.8.0/29", bridge: String = "svbr0"
) throws -> Network {
  Network(
    name: try identifier(name), subnet: try IPv4Subnet(parsing: subnet), bridge: try InterfaceName(parsing: bridge))
}

func identifier(_ text: String) throws -> Identifier { try Identifier(parsing: text, field: "id") }

/// An attachment's key, written as it is printed: `web-1/eth0`.
func key(_ text: String) throws -> AttachmentKey {
  let parts = text.split(separator: "/")
  return AttachmentKey(vm: try identifier(String(parts[0])), interface: try identifier(String(parts[1])))
}

func address(_ text: String) throws -> IPv4Address { try IPv4Address(parsing: text) }

extension SQLiteLeaseStore {
  /// Claims in the network `default`.
  @discardableResult
  func claim(_ key: String, ip: String? = nil, mac: String? = nil) throws -> LeaseClaim {
    try claim(
      LeaseRequest(
        key: TapestryTests.key(key), address: ip.map(TapestryTests.address), mac: mac.map(MACAddress.init(parsing:))),
      in: .default)
  }

  /// Ends a lease the whole way.
  func end(_ key: String) throws {
    try markReleasing(TapestryTests.key(key))
    #expect(try release(TapestryTests.key(key)) != nil)
  }
}

/// Expects a `TapestryError` with this code, and gives it to look at more of it.
@discardableResult
func expect(
  _ code: TapestryError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> TapestryError? {
  let error = #expect(throws: TapestryError.self, sourceLocation: sourceLocation) { try body() }
  #expect(error?.code == code, "\(error?.message ?? "")", sourceLocation: sourceLocation)
  return error
}
