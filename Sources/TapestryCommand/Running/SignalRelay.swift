import Glibc
import Linux

/// Passes this process's signals on to the VMM, so that whoever stops `tapestry run` stops the VMM, and what was made
/// for it is taken down afterwards.
struct SignalRelay: ~Copyable {
  private let queue: SignalQueue

  init() throws(SystemError) {
    // SIGCHLD tells of descendants that this process has to reap.
    queue = try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD])
  }

  /// A signal that asked this process to end before there was a VMM to pass it to.
  func endRequest() throws(SystemError) -> Int32? {
    while let arrival = try queue.next() {
      if ![SIGUSR1, SIGUSR2, SIGCHLD].contains(arrival.signal) { return arrival.signal }
    }
    return nil
  }

  /// Waits for the VMM's end, passing on what arrives meanwhile.
  /// - Parameter orphans: What it leaves behind meanwhile.
  func relay(
    to child: borrowing ChildProcess, reaping orphans: borrowing Orphans
  ) throws(SystemError) -> ChildProcess.Termination {
    while true {
      var entries = [
        pollfd(fd: child.fileDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: queue.fileDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      _ = try Poll.wait(&entries, within: .seconds(86_400))
      while let arrival = try queue.next() {
        guard arrival.signal != SIGCHLD else {
          try orphans.reap(but: child.pid)
          continue
        }
        // The terminal sends its signals to the VMM too: twice would be once too often.
        if !arrival.isFromTerminal { try child.kill(arrival.signal) }
      }
      if entries[0].revents != 0 { return try child.wait() }
    }
  }

  /// Waits a moment, and passes on what arrives meanwhile. Whoever has gone into the background has left the terminal.
  /// - Returns: the signal that asked this process to end, where there was nobody to pass it on to.
  func relay(to orphans: borrowing Orphans, within moment: Duration) throws(SystemError) -> Int32? {
    var entries = [pollfd(fd: queue.fileDescriptor, events: Int16(POLLIN), revents: 0)]
    _ = try Poll.wait(&entries, within: moment)
    while let arrival = try queue.next() {
      guard arrival.signal != SIGCHLD else { continue }
      if try orphans.kill(arrival.signal) == 0, ![SIGUSR1, SIGUSR2].contains(arrival.signal) { return arrival.signal }
    }
    return nil
  }
}
