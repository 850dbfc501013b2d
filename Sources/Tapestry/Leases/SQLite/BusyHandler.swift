import Glibc

/// How long one lock is waited for, in microseconds. Transactions take well under a millisecond each, so only a
/// process that was stopped while it held the lock makes anyone wait so long.
private let patience: Int32 = 60_000_000
/// The longest single wait, in microseconds.
private let longestWait: Int32 = 4_000

/// Waits a little for other processes: sqlite3_busy_handler(3). SQLite's own handler sleeps up to 100 ms at a time,
/// a thousand times as long as one transaction; this one starts short, so that 64 processes pass quickly.
///
/// - Parameter attempt: how often this lock was tried for before.
/// - Returns: 0 to give up, which ends in SQLITE_BUSY.
func waitForOthers(attempt: Int32) -> Int32 {
  let ramp: Int32 = 20  // waits of 100, 200, … µs until `longestWait`
  let wait = min(100 * (min(attempt, 1_000) + 1), longestWait)
  guard attempt < ramp || (attempt - ramp) < patience / longestWait else { return 0 }
  // Somewhere in the upper half, so that processes that met once do not meet again.
  usleep(UInt32(wait / 2 + Int32.random(in: 0...wait / 2)))
  return 1
}
