import CSQLite
import Glibc
import Linux

// MARK: Waiting

/// The longest single wait, in microseconds.
private let longestWait: Int32 = 4_000
/// How often one lock is waited for before giving up: a minute or so in all. Transactions take well under a
/// millisecond each, so only a process that was stopped while it held the lock makes anyone wait so long.
private let patience: Int32 = 20_000

/// How often a lock is asked for that is said each time to have been interrupted.
private let mostInterruptions: Int32 = 100

/// Waits a little for other processes: sqlite3_busy_handler(3). SQLite's own handler sleeps up to 100 ms at a time,
/// a thousand times as long as one transaction; this one starts short, so that 64 processes pass quickly.
///
/// It gets how often this lock was waited for before, and gives 0 to give up, which ends in SQLITE_BUSY.
let waitForOthers: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { _, attempt in
  let limit =
    switch errno {
    // No waiting helps where the file system, or the machine, has no locks to give.
    case ENOLCK: Int32(0)
    // A signal, not a holder, was in the way. One time after another it was no signal.
    case EINTR: mostInterruptions
    default: patience
    }
  guard attempt < limit else { return 0 }
  let wait = min(100 * (attempt + 1), longestWait)
  // Somewhere in the upper half, so that processes that met once do not meet again.
  usleep(UInt32(wait / 2 + Int32.random(in: 0...wait / 2)))
  return 1
}

// MARK: System calls

/// Has SQLite open files by `WritableOpen` and write them by `Reserve`, in the whole process.
let callsAreOurs: Void = {
  guard let files = unsafe sqlite3_vfs_find(nil) else { return }
  let write = unsafe unsafeBitCast(Reserve.positionedWrite, to: sqlite3_syscall_ptr.self)
  for (name, function) in unsafe [
    ("open", unsafeBitCast(WritableOpen.function, to: sqlite3_syscall_ptr.self)),
    ("write", unsafeBitCast(Reserve.write, to: sqlite3_syscall_ptr.self)),
    // It has one of the two, or neither.
    ("pwrite", write), ("pwrite64", write),
  ] {
    _ = unsafe files.pointee.xSetSystemCall(files, name, function)
  }
}()

// MARK: Checkpoints

/// How many pages the write-ahead log grows to. The first process to open the file reads the whole log, a microsecond
/// a page; and each checkpoint waits for the disk, a millisecond or several.
private let longestLog: Int32 = 256

/// Copies the log into the file, and empties it, after a commit that leaves it long: sqlite3_wal_hook(3).
///
/// SQLite's own hook leaves the emptying to a later commit of a process that knows of the copying. A process that lives
/// for one commit is no such process, and the log would grow for ever.
let checkpointWhenLong:
  @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
    _, handle, name, pages in
    guard pages >= longestLog else { return SQLITE_OK }
    // It is not waited for others: what cannot be copied now will be after a later commit. Nor does a failure undo the
    // commit; a disk that refuses the copying will refuse the next commit too.
    unsafe sqlite3_busy_handler(handle, nil, nil)
    unsafe sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    unsafe sqlite3_busy_handler(handle, waitForOthers, nil)
    return SQLITE_OK
  }
