import Glibc

/// Lines to the standard streams. Standard output is for machines as much as for people: nothing but results goes
/// there.
enum Output {
  static func standardOutput(_ line: String) { write(line, to: STDOUT_FILENO) }
  static func standardError(_ line: String) { write(line, to: STDERR_FILENO) }

  private static func write(_ line: String, to descriptor: Int32) {
    var bytes = Array(line.utf8)[...]
    bytes.append(UInt8(ascii: "\n"))
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      // A reader that went away has all it wanted.
      guard count > 0 || errno == EINTR else { return }
      bytes = bytes.dropFirst(max(0, count))
    }
  }
}
