import CSQLite
import Glibc

// MARK: Waiting

/// The longest single wait, in microseconds.
private let longestWait: Int32 = 4_000
/// The maximum number of waits for one lock: about a minute in all. Transactions take well under a millisecond each, so
/// waiting this long means that a process was stopped while it held the lock.
private let patience: Int32 = 20_000

/// The maximum number of retries for a lock if every attempt fails with EINTR.
private let mostInterruptions: Int32 = 100

/// Waits briefly for other processes: sqlite3_busy_handler(3). SQLite's own handler sleeps up to 100 ms at a time, a
/// thousand times as long as one transaction. This one starts with short waits, so that 64 processes pass quickly.
///
/// The argument is the number of earlier waits for this lock. Returning 0 gives up, with SQLITE_BUSY.
let waitForOthers: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { _, attempt in
  let limit =
    switch errno {
    // Waiting does not help: the file system or the machine has no locks available.
    case ENOLCK: Int32(0)
    // A signal interrupted the call. If it happens repeatedly, the cause is not a signal.
    case EINTR: mostInterruptions
    default: patience
    }
  guard attempt < limit else { return 0 }
  let wait = min(100 * (attempt + 1), longestWait)
  // A random time in the upper half, so that processes that collided once do not collide again.
  usleep(UInt32(wait / 2 + Int32.random(in: 0...wait / 2)))
  return 1
}

// MARK: System calls

/// Makes SQLite open files with `WritableOpen` and write them with `Reserve`, in the whole process.
let callsAreOurs: Void = {
  guard let files = unsafe sqlite3_vfs_find(nil) else { return }
  let write = unsafe unsafeBitCast(Reserve.positionedWrite, to: sqlite3_syscall_ptr.self)
  for (name, function) in unsafe [
    ("open", unsafeBitCast(WritableOpen.function, to: sqlite3_syscall_ptr.self)),
    ("write", unsafeBitCast(Reserve.write, to: sqlite3_syscall_ptr.self)),
    // SQLite is built with one of the two, or neither.
    ("pwrite", write), ("pwrite64", write),
  ] {
    _ = unsafe files.pointee.xSetSystemCall(files, name, function)
  }
}()

// MARK: Checkpoints

/// The maximum length of the write-ahead log, in pages. The first process to open the file reads the whole log, a
/// microsecond per page; each checkpoint waits for the disk, for one or several milliseconds.
private let longestLog: Int32 = 256

/// Checkpoints and truncates the log after a commit that makes it too long: sqlite3_wal_hook(3).
///
/// SQLite's own hook leaves truncation to a later commit of the process that made the checkpoint. With processes that
/// commit only once, the log would grow forever.
let checkpointWhenLong:
  @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
    _, handle, name, pages in
    guard pages >= longestLog else { return SQLITE_OK }
    // Do not wait for other processes: a later commit makes the checkpoint. A failure does not undo this commit; if the
    // disk refuses the checkpoint, it refuses the next commit too.
    unsafe sqlite3_busy_handler(handle, nil, nil)
    unsafe sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    unsafe sqlite3_busy_handler(handle, waitForOthers, nil)
    return SQLITE_OK
  }
