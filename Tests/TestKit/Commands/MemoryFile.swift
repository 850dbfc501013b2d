import CLinux
import Glibc
import Linux

/// An anonymous file that a child reads its input from, or prints to: it never blocks, and can be read at any time.
struct MemoryFile: ~Copyable, Sendable {
  private let descriptor: OwnedFileDescriptor

  var rawValue: Int32 { descriptor.rawValue }

  init(_ name: String, contents: String = "") throws(KernelError) {
    let file = unsafe name.withCString { unsafe clinux_memory_file($0) }
    let descriptor = OwnedFileDescriptor(owning: try valueOrError(file, "memfd_create"))
    var bytes = Array(contents.utf8)[...]
    while !bytes.isEmpty {
      let offset = bytes.startIndex
      let count = unsafe bytes.withUnsafeBytes {
        unsafe pwrite(descriptor.rawValue, $0.baseAddress, $0.count, offset)
      }
      guard count > 0 else { throw KernelError("write a memory file", Errno(rawValue: errno)) }
      bytes = bytes.dropFirst(count)
    }
    self.descriptor = descriptor
  }

  /// All that has been written so far; what is not UTF-8 is replaced.
  func text() throws(KernelError) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let offset = bytes.count
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe pread(rawValue, $0.baseAddress, $0.count, offset) }
      guard count >= 0 else { throw KernelError("read a memory file", Errno(rawValue: errno)) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}

/// What a command reads from and prints to.
struct CommandFiles: ~Copyable, Sendable {
  let input: MemoryFile
  let output: MemoryFile
  let error: MemoryFile

  init(input: String) throws(KernelError) {
    let file = try MemoryFile("stdin", contents: input)
    let output = try MemoryFile("stdout")
    let error = try MemoryFile("stderr")
    self.input = file
    self.output = output
    self.error = error
  }

  var streams: ChildProcess.StandardStreams {
    ChildProcess.StandardStreams(input: input.rawValue, output: output.rawValue, error: error.rawValue)
  }
}
