import Glibc

/// The longest single wait, in microseconds.
private let longestWait: Int32 = 4_000
/// How often one lock is waited for before giving up: a minute or so in all. Transactions take well under a
/// millisecond each, so only a process that was stopped while it held the lock makes anyone wait so long.
private let patience: Int32 = 20_000

/// Waits a little for other processes: sqlite3_busy_handler(3). SQLite's own handler sleeps up to 100 ms at a time,
/// a thousand times as long as one transaction; this one starts short, so that 64 processes pass quickly.
///
/// - Parameter attempt: how often this lock was waited for before.
/// - Returns: 0 to give up, which ends in SQLITE_BUSY.
func waitForOthers(attempt: Int32) -> Int32 {
  guard attempt < patience else { return 0 }
  let wait = min(100 * (attempt + 1), longestWait)
  // Somewhere in the upper half, so that processes that met once do not meet again.
  usleep(UInt32(wait / 2 + Int32.random(in: 0...wait / 2)))
  return 1
}
