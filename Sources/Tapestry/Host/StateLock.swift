import CLinux
import Glibc
import Linux

/// Orders the processes that share a state file, by open-file-description locks (fcntl(2), F_OFD_SETLKW) on
/// `STATE.lock`. The kernel lets go of them when their holder ends, however it ends.
final class StateLock {
  private var file: OwnedFileDescriptor?
  private let path: String
  /// Whether it is done without, where there is none, or none that could be locked.
  private let isOptional: Bool

  /// - Throws: `NOT_PERMITTED`, `STATE_UNAVAILABLE`.
  init(statePath: String) throws(TapestryError) {
    let statePath = try StateFile.trusted(statePath)
    path = statePath + ".lock"
    // What is wrong with the path is said in the state file's own words.
    _ = try StateFile.condition(of: statePath)
    try StateFile.makeDirectory(of: statePath)
    isOptional = false
    file = try Self.open(path)
  }

  /// For those who only look. They wait for those who change something, where anybody has; they make nothing.
  /// - Throws: `STATE_UNAVAILABLE`.
  init(lookingAt statePath: String) throws(TapestryError) {
    let statePath = try StateFile.trusted(statePath)
    path = statePath + ".lock"
    _ = try StateFile.condition(of: statePath)
    isOptional = true
    file = try? File.open(path, flags: O_RDWR | O_NOFOLLOW)
  }

  private static func open(_ path: String) throws(TapestryError) -> OwnedFileDescriptor {
    do throws(KernelError) { return try File.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600) } catch {
      throw StateFile.error(path, error)
    }
  }

  /// Runs `body` while others may do the same.
  func together<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try holding(Int32(F_RDLCK), body)
  }

  /// Runs `body` while nobody else does anything.
  func alone<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try holding(Int32(F_WRLCK), body)
  }

  /// Runs `body` while nobody else starts or ends this network's name server. Whoever does waits for processes, so it is
  /// not asked for while `alone` or `together`; within it, they may be.
  func serving<Value>(_ network: Identifier, _ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    if isOptional, file == nil { return try body() }
    // A byte of its own for each network, beyond the two of the state. Two that share one wait for each other.
    let byte = 2 + Int64(Identity.fnv1a(network.rawValue) >> 2)
    try lock(Int32(F_WRLCK), byte: byte)
    defer { unlock(byte: byte) }
    return try body()
  }

  /// The file's first byte is a turnstile: who waits for the second byte alone holds it, so that a stream of others
  /// cannot keep them waiting for ever.
  private func holding<Value>(
    _ kind: Int32, _ body: () throws(TapestryError) -> Value
  ) throws(TapestryError) -> Value {
    if isOptional, file == nil { return try body() }
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

  /// What was done is done, whatever the kernel says to this; closing the file lets go of its locks as well.
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
