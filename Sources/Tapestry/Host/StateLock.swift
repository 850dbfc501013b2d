import CLinux
import Glibc
import Linux

/// Orders the processes that share a state file, by open-file-description locks (fcntl(2), F_OFD_SETLKW) on `STATE.lock`.
/// The kernel releases them when their holder ends for any reason.
final class StateLock {
  private var file: OwnedFileDescriptor?
  private let path: String
  /// Whether to continue without a lock if the file does not exist or cannot be locked.
  private let isOptional: Bool

  /// - Throws: `NOT_PERMITTED`, `STATE_UNAVAILABLE`.
  init(statePath: String) throws(TapestryError) {
    let statePath = try StateFile.trusted(statePath)
    path = statePath + ".lock"
    // Errors of the path are reported for the state file.
    _ = try StateFile.condition(of: statePath)
    try StateFile.makeDirectory(of: statePath)
    isOptional = false
    file = try Self.open(path)
  }

  /// For commands that only look. They wait for those that change something, if a lock file exists. They create no file.
  /// - Throws: `STATE_UNAVAILABLE`.
  init(lookingAt statePath: String) throws(TapestryError) {
    let statePath = try StateFile.trusted(statePath)
    path = statePath + ".lock"
    _ = try StateFile.condition(of: statePath)
    isOptional = true
  }

  /// Whether nothing can be held, because no command that changes something has made the lock file yet.
  var isMissing: Bool {
    guard isOptional else { return false }
    if file == nil { file = try? File.open(path, flags: O_RDWR | O_NOFOLLOW) }
    return file == nil
  }

  private static func open(_ path: String) throws(TapestryError) -> OwnedFileDescriptor {
    do throws(KernelError) { return try File.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600) } catch {
      throw StateFile.error(path, error)
    }
  }

  /// Runs `body` while others may hold the lock in the same way.
  func together<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try holding(Int32(F_RDLCK), body)
  }

  /// Runs `body` while nobody else holds the lock.
  func alone<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try holding(Int32(F_WRLCK), body)
  }

  /// Runs `body` while nobody else starts or ends this network's name server. The holder waits for processes, so do not
  /// call it within `alone` or `together`. They may be called within it.
  func serving<Value>(_ network: Identifier, _ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    if isMissing { return try body() }
    // Each network has a byte of its own, after the two of the state. Two networks with the same byte wait for each other.
    let byte = 2 + Int64(Identity.fnv1a(network.rawValue) >> 2)
    try lock(Int32(F_WRLCK), byte: byte)
    defer { unlock(byte: byte) }
    return try body()
  }

  /// The file's first byte is a turnstile: a process holds it only while it waits for the second byte, so that a stream of
  /// others cannot make it wait forever.
  private func holding<Value>(
    _ kind: Int32, _ body: () throws(TapestryError) -> Value
  ) throws(TapestryError) -> Value {
    if isMissing { return try body() }
    do throws(TapestryError) {
      try lock(Int32(F_WRLCK), byte: 0)
      try lock(kind, byte: 1)
      try lock(Int32(F_UNLCK), byte: 0)
    } catch {
      file = nil
      throw error
    }
    defer { unlock(byte: 1) }
    return try body()
  }

  /// An error here does not matter: the work is done, and closing the file releases its locks too.
  private func unlock(byte: Int64) {
    do throws(TapestryError) { try lock(Int32(F_UNLCK), byte: byte) } catch { file = nil }
  }

  private func lock(_ kind: Int32, byte: Int64) throws(TapestryError) {
    let file = if let descriptor = file?.rawValue { descriptor } else { try reopen() }
    do throws(KernelError) {
      _ = try valueOrError(clinux_lock(file, kind, byte), "lock \(path)")
    } catch {
      throw StateFile.error(path, error)
    }
  }

  private func reopen() throws(TapestryError) -> Int32 {
    let opened = try Self.open(path)
    let descriptor = opened.rawValue
    file = consume opened
    return descriptor
  }
}
