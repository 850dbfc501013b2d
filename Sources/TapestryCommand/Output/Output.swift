import Glibc
import Linux
import Synchronization
import Tapestry

/// Writes lines to the standard streams. Programs read standard output: only results are written there.
enum Output {
  static func standardOutput(_ line: String) {
    hasPrinted.store(true, ordering: .relaxed)
    let number = write(line, to: STDOUT_FILENO)
    // A reader that closed the pipe has read all it wanted.
    if number != 0, number != EPIPE { errorNumber.store(number, ordering: .relaxed) }
  }

  /// Writes lines in one system call if the stream takes all of them, so that a reader of a pipe wakes up once.
  static func standardOutput(_ lines: [String]) {
    if !lines.isEmpty { standardOutput(lines.joined(separator: "\n")) }
  }

  static func standardError(_ line: String) { _ = write(line, to: STDERR_FILENO) }

  /// The error if a result could not be written: a full disk, a closed stream.
  static var failure: TapestryError? {
    let number = errorNumber.load(ordering: .relaxed)
    guard number != 0 else { return nil }
    let answer = "\(Errno(rawValue: number))"
    return TapestryError(
      TapestryError.Code(rawValue: "OUTPUT_FAILED"),
      "The command succeeded, but its result could not be printed: write standard output: \(answer)",
      cause: .init(operation: "write standard output", errno: number, message: answer))
  }

  private static let errorNumber = Atomic<Int32>(0)

  /// Whether the command wrote to standard output, or tried to.
  static var hasResult: Bool { hasPrinted.load(ordering: .relaxed) }

  private static let hasPrinted = Atomic<Bool>(false)

  /// - Returns: errno(3), or 0.
  private static func write(_ line: String, to descriptor: Int32) -> Int32 {
    var bytes = Array(line.utf8)[...]
    bytes.append(UInt8(ascii: "\n"))
    while !bytes.isEmpty {
      do throws(KernelError) { bytes = bytes.dropFirst(try File.write(bytes, to: descriptor)) } catch {
        return error.errno.rawValue
      }
    }
    return 0
  }
}
