import Glibc
import Linux

/// Passes this process's signals on to the VMM, so that whoever stops `tapestry run` stops the VMM, and what was made
/// for it is taken down afterwards.
struct SignalRelay: ~Copyable {
  private let queue: SignalQueue

  init() throws(SystemError) {
    queue = try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2])
  }

  /// A signal that asked this process to end before there was a VMM to pass it to.
  func endRequest() throws(SystemError) -> Int32? {
    while let arrival = try queue.next() {
      if ![SIGUSR1, SIGUSR2].contains(arrival.signal) { return arrival.signal }
    }
    return nil
  }

  /// Waits for the VMM's end, passing on what arrives meanwhile.
  func relay(to child: borrowing ChildProcess) throws(SystemError) -> ChildProcess.Termination {
    while true {
      var entries = [
        pollfd(fd: child.fileDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: queue.fileDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      _ = try Poll.wait(&entries, within: .seconds(86_400))
      while let arrival = try queue.next() {
        // The terminal sends its signals to the VMM too: twice would be once too often.
        if !arrival.isFromTerminal { try child.kill(arrival.signal) }
      }
      if entries[0].revents != 0 { return try child.wait() }
    }
  }
}
