import Glibc
import Linux
import NetTypes
import SQLite

@testable import Tapestry

extension FuzzTarget {
  /// A state file with damage, which the bytes describe: opening it, checking it and listing what is in it give an
  /// answer, or say that it is damaged and leave it as it is.
  static let stateFile = FuzzTarget("state-file", longest: 128) { bytes in
    let damage = Damage(bytes)
    let directory = ScratchDirectory()
    var (file, log) = damage.isOfLog ? SoundState.withLog : SoundState.whole
    if damage.isOfLog { damage.apply(to: &log) } else { damage.apply(to: &file) }
    directory.write(file, log)
    do throws(TapestryError) {
      let store = try SQLiteLeaseStore(path: directory.file, bootID: SoundState.boot)
      try store.verify()
      _ = try store.rememberedSysctls()
      // What is whole can be worked with.
      try work(on: store)
    } catch {
      hold([.stateCorrupt, .stateUnavailable].contains(error.code), "an error of the file: \(error)")
      if !damage.isOfLog { hold(directory.read() == file, "a damaged file is left as it is: \(error)") }
    }
  }

  private static func work(on store: SQLiteLeaseStore) throws(TapestryError) {
    for network in try store.networks() {
      do throws(TapestryError) {
        let key = AttachmentKey(vm: Identifier(known: "late"), interface: Identifier(known: "eth0"))
        let claim = try store.claim(LeaseRequest(key: key), in: network.name) { _ in true }
        hold(network.subnet.isGuest(claim.lease.address), "an address of the network: \(claim.lease)")
        try store.markReleasing([key])
        hold(try store.release([key]) == [with(claim.lease) { $0.state = .releasing }], "what was claimed is released")
      } catch {
        guard error.code != .ipExhausted else { continue }
        throw error
      }
    }
  }

  private static func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
  }
}

/// What is done to the bytes of a file: a list of a kind, a place of two bytes, and a byte more or a few.
private struct Damage {
  let isOfLog: Bool
  private let changes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    isOfLog = (bytes.first ?? 0) & 1 == 1
    changes = bytes.dropFirst()
  }

  func apply(to file: inout [UInt8]) {
    var rest = changes
    while let kind = rest.popFirst(), let high = rest.popFirst(), let low = rest.popFirst() {
      guard !file.isEmpty else { return }
      let place = (Int(high) << 8 | Int(low)) % file.count
      switch kind % 16 {
      case 0: file.removeLast(place)
      case 1: file.append(contentsOf: file[place...].prefix(Schema.pageSize))
      case 2...4: file[place] ^= 1 << (kind >> 5)
      case 5:
        // One page in another's place.
        let page = place / Schema.pageSize * Schema.pageSize
        guard let other = rest.popFirst() else { return }
        let from = Int(other) * Schema.pageSize % file.count
        let count = min(Schema.pageSize, file.count - page, file.count - from)
        file.replaceSubrange(page..<page + count, with: Array(file[from..<from + count]))
      default:
        // 1 to 10 bytes.
        let bytes = rest.prefix(Int(kind % 16) - 5)
        for (index, byte) in bytes.enumerated() where place + index < file.count { file[place + index] = byte }
        rest = rest.dropFirst(bytes.count)
      }
    }
  }
}

/// The bytes of a sound state file and its log, with something in every table.
private enum SoundState {
  static let boot = "boot-1"
  /// All of it in the file.
  static let whole = make(checkpoint: true)
  /// Part of it in the log alone.
  static let withLog = make(checkpoint: false)

  private static func make(checkpoint: Bool) -> ([UInt8], [UInt8]) {
    let directory = ScratchDirectory()
    do throws(TapestryError) {
      let store = try SQLiteLeaseStore(path: directory.file, bootID: boot)
      try fill(store, Network.defaultSubnet, Identifier.default, Network.defaultBridge)
      try store.database.run(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      let other = try Validation.subnet("10.9.8.0/29")
      try fill(store, other, Identifier(known: "other"), InterfaceName(known: "other0"))
      if checkpoint { try store.database.run(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    } catch {
      hold(false, "a state file can be made: \(error)")
    }
    return (directory.read(), directory.read(suffix: "-wal"))
  }

  private static func fill(
    _ store: SQLiteLeaseStore, _ subnet: IPv4Subnet, _ name: Identifier, _ bridge: InterfaceName
  ) throws(TapestryError) {
    try store.insert(
      Network(
        name: name, subnet: subnet, bridge: bridge, settings: NetworkSettings(dns: [IPv4Address(198, 51, 100, 53)])))
    for number in 1...3 {
      let key = AttachmentKey(vm: Identifier(known: "\(name)-\(number)"), interface: Identifier(known: "eth0"))
      let process = ProcessIdentity(pid: 7, startTime: 1_000_000)
      _ = try store.claim(
        LeaseRequest(key: key, settings: .init(owner: TapOwner(uid: 1000, gid: 100)), process: process), in: name
      ) { _ in true }
      if number == 1 { try store.activate([key]) }
      guard number == 2 else { continue }
      try store.markReleasing([key])
      try store.release([key])
    }
    _ = try store.reserveAddress(in: name, for: nil)
    try store.rememberSysctl(.ipv4Forward, value: "0")
  }
}

/// A directory for the files of one run; it goes with the run. In memory, where there is such a file system.
private final class ScratchDirectory {
  private let path: String
  var file: String { path + "/state.db" }

  init() {
    let parent = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(parent)/tapestry-fuzz-XXXXXX".utf8CString)
    path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? ""
    hold(!path.isEmpty, "a directory can be made in \(parent)")
  }

  deinit {
    for suffix in ["", "-wal", "-shm", "-journal", ".reserve"] { unsafe unlink(file + suffix) }
    unsafe rmdir(path)
  }

  func write(_ bytes: [UInt8], _ log: [UInt8]) {
    write(bytes, suffix: "")
    if !log.isEmpty { write(log, suffix: "-wal") }
  }

  private func write(_ bytes: [UInt8], suffix: String) {
    let descriptor = unsafe creat(file + suffix, 0o600)
    hold(unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count, "a file can be written")
    close(descriptor)
  }

  func read(suffix: String = "") -> [UInt8] { (try? File.read(file + suffix)) ?? [] }
}
