import Glibc
import TestKit
import Testing

extension StateDirectory {
  /// Runs `body` with a tmpfs in the directory that nobody else sees.
  func onFileSystem(_ options: String, _ body: @escaping @Sendable (String) throws -> Void) async throws {
    try await withNamespace { namespace in
      try await namespace.run { [path] in
        try #require(unsafe mount("tmpfs", path, "tmpfs", 0, options) == 0)
        try body(path)
      }
    }
  }

  /// Writes zeroes to a file until there is no room for more.
  static func fill(_ path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    let zeroes = [UInt8](repeating: 0, count: 4096)
    while unsafe Glibc.write(descriptor, zeroes, zeroes.count) > 0 {}
    #expect(errno == ENOSPC)
    close(descriptor)
  }

  static func makeReadOnly(_ path: String) throws {
    // A child that another test is starting holds a copy of every descriptor until it has executed its program.
    let deadline = ContinuousClock.now + .patience
    var result = unsafe mount("none", path, nil, remountReadOnly, nil)
    while result != 0, ContinuousClock.now < deadline {
      usleep(10_000)
      result = unsafe mount("none", path, nil, remountReadOnly, nil)
    }
    try #require(result == 0)
  }

  /// MS_REMOUNT and MS_RDONLY.
  private static let remountReadOnly: UInt = 0x21
}
