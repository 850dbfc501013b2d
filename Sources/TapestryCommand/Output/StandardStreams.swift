import Glibc

enum StandardStreams {
  /// Makes the standard streams safe to write to, before anything else is opened.
  ///
  /// If the caller closed a stream, the next open(2) would reuse its descriptor: for the state file, for example, and
  /// results would be written into that. /dev/null is opened in its place, with the wrong access mode, so that using it
  /// fails as using a closed stream does. It is close-on-exec, so that a VMM inherits the caller's streams.
  ///
  /// SIGPIPE is ignored, so that a reader that closes the pipe does not end this process in the middle of its work.
  static func prepare() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC)
    }
    _ = signal(SIGPIPE, SIG_IGN)
  }
}
