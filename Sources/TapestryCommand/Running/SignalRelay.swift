import Glibc
import Linux

/// Forwards this process's signals to the VMM, so that stopping `tapestry run` stops the VMM, and its attachment is
/// removed afterwards.
struct SignalRelay: ~Copyable {
  private let queue: SignalQueue

  init() throws(KernelError) {
    // SIGCHLD reports descendants that this process has to reap.
    queue = try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD])
  }

  /// Returns the termination signal that arrived before there was a VMM to forward it to, or nil.
  func pendingTermination() throws(KernelError) -> Int32? {
    while let arrival = try queue.next() {
      if ![SIGUSR1, SIGUSR2, SIGCHLD].contains(arrival.signal) { return arrival.signal }
    }
    return nil
  }

  /// Waits until the VMM ends, and forwards signals meanwhile.
  /// - Parameter orphans: descendants of the VMM that lose their parent meanwhile.
  func relay(
    to child: borrowing ChildProcess, reaping orphans: borrowing Orphans
  ) throws(KernelError) -> ChildProcess.Termination {
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
        // The terminal signals the whole process group: the VMM already has its signals.
        if !arrival.isFromTerminal { try child.kill(arrival.signal) }
      }
      if entries[0].revents != 0 { return try child.wait() }
    }
  }

  /// Waits for one interval, and forwards signals meanwhile, those of the terminal too: a background process has left
  /// the terminal.
  /// - Returns: the termination signal, if there was no process to forward it to.
  func relay(to orphans: borrowing Orphans, within interval: Duration) throws(KernelError) -> Int32? {
    var entries = [pollfd(fd: queue.fileDescriptor, events: Int16(POLLIN), revents: 0)]
    _ = try Poll.wait(&entries, within: interval)
    while let arrival = try queue.next() {
      guard arrival.signal != SIGCHLD else { continue }
      if try orphans.kill(arrival.signal) == 0, ![SIGUSR1, SIGUSR2].contains(arrival.signal) { return arrival.signal }
    }
    return nil
  }
}
