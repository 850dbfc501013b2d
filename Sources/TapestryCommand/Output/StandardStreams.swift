import Glibc

enum StandardStreams {
  /// Makes the standard streams safe to write to, before anything else is opened.
  ///
  /// A stream that the caller closed would be the first descriptor to be given away: to the state file, say, and then
  /// results would be written into it. /dev/null takes its place, opened the wrong way round so that using it fails as
  /// using a closed stream does; it goes with exec, so that a VMM finds what the caller left.
  ///
  /// And a reader that goes away must not end this process in the middle of its work.
  static func prepare() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC)
    }
    _ = signal(SIGPIPE, SIG_IGN)
  }
}
