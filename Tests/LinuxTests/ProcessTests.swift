import Glibc
import Linux
import TestKit
import Testing

@Suite("A process's identity")
struct ProcessIdentityTests {
  @Test("is that of a running process, and alive as long as it is")
  func running() throws {
    let own = try #require(try ProcessIdentity(running: getpid()))
    #expect(own.isAlive)
    let child = try ChildProcess(["sleep", "1000"])
    let identity = try #require(try ProcessIdentity(running: child.pid))
    #expect(identity.isAlive)
    #expect(identity.startTime >= own.startTime)
    try child.kill(SIGKILL)
    #expect(try child.wait() == .signaled(SIGKILL))
    #expect(!identity.isAlive)
  }

  @Test("does not count for another process that got the same id")
  func reused() throws {
    var identity = try #require(try ProcessIdentity(running: getpid()))
    identity.startTime -= 1
    #expect(!identity.isAlive)
  }

  @Test("is of a PID namespace: of another one nothing is said, whatever process has its id here")
  func namespaces() throws {
    var identity = try #require(try ProcessIdentity(running: getpid()))
    let own = try #require(PIDNamespace.own)
    #expect(identity.namespace == own)
    #expect(try identity.standing() == .running)
    identity.startTime -= 1
    #expect(try identity.standing() == .ended)
    identity.namespace?.inode += 1
    #expect(try identity.standing() == .unknown && identity.isAlive)
    // Of one that was noted before there were namespaces the number counts.
    identity.namespace = nil
    #expect(try identity.standing() == .ended && !identity.isAlive)
    #expect(PIDNamespace(own.description) == own)
    for text in ["", ":", "1:", "1:2:3", "-1:2", "a:b"] { #expect(PIDNamespace(text) == nil) }
  }

  @Test("is none for a zombie, or where there is no process")
  func notRunning() throws {
    let child = try ChildProcess(["true"])
    #expect(try Poll.isReadable(child.fileDescriptor, within: .patience))
    #expect(try File.readLine("/proc/\(child.pid)/stat").contains(") Z "))
    #expect(try ProcessIdentity(running: child.pid) == nil)
    #expect(try child.wait() == .exited(0))
    #expect(try ProcessIdentity(running: 0) == nil)
    #expect(try ProcessIdentity(running: -1) == nil)
  }

  @Test("counts as alive where that cannot be told")
  func unknown() async throws {
    await #expect(processExitsWith: .success) {
      let own = try #require(try ProcessIdentity(running: getpid()))
      var none = rlimit(rlim_cur: 0, rlim_max: 0)
      _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
      #expect(throws: KernelError("open /proc/\(own.pid)/stat", Errno(rawValue: EMFILE))) {
        _ = try ProcessIdentity(running: own.pid)
      }
      #expect(own.isAlive)
    }
  }

  @Test("is not taken for ended where /proc does not show it", .needsKernel)
  func hidden() async throws {
    try await withNamespace { namespace in
      let (isAlive, wasAlive) = try await namespace.run {
        let child = try ChildProcess(["sleep", "1000"])
        let own = try #require(try ProcessIdentity(running: getpid()))
        let other = try #require(try ProcessIdentity(running: child.pid))
        try child.kill(SIGKILL)
        _ = try child.wait()
        #expect(unsafe mount("none", "/proc", "tmpfs", 0, nil) == 0)
        defer { _ = unsafe umount2("/proc", Int32(MNT_DETACH)) }
        return (own.isAlive, other.isAlive)
      }
      #expect(isAlive && !wasAlive)
    }
  }

  @Test("is found whatever the process calls itself")
  func oddName() async throws {
    let (readEnd, writeEnd) = try pair()
    let child = try ChildProcess(
      ["sh", "-c", "echo -n ') Z 1 (' > /proc/$$/comm; read line"], streams: .init(input: readEnd))
    close(readEnd)
    let hasName = try await eventually { try File.readLine("/proc/\(child.pid)/comm") == ") Z 1 (" }
    #expect(hasName)
    #expect(try ProcessIdentity(running: child.pid)?.isAlive == true)
    close(writeEnd)
    _ = try child.wait()
  }
}

@Suite("A child process")
struct ChildProcessTests {
  @Test(
    "ends with an exit status or by a signal",
    arguments: [
      ("exit 0", ChildProcess.Termination.exited(0), 0), ("exit 255", .exited(255), 255),
      ("kill -TERM $$", .signaled(SIGTERM), 143),
    ])
  func termination(script: String, expected: ChildProcess.Termination, status: Int32) throws {
    let termination = try ChildProcess(["sh", "-c", script]).wait()
    #expect(termination == expected)
    #expect(termination.status == status)
  }

  @Test("gets its arguments, environment and streams as they are")
  func argumentsAndStreams() throws {
    let result = try capture(
      ["sh", "-c", #"printf '%s|' "$0" "$@" "$WEFT""#, "", "a b", "\"*\"", "ü"], environment: ["WEFT=x=y"])
    #expect(result == #"|a b|"*"|ü|x=y|"#)
  }

  @Test("inherits the environment when it gets none")
  func inheritedEnvironment() throws {
    let path = try #require(unsafe getenv("PATH").map { unsafe String(cString: $0) })
    #expect(try capture(["printenv", "PATH"]) == path + "\n")
    #expect(try capture(["printenv", "PATH"], environment: ["PATH=/elsewhere"]) == "/elsewhere\n")
  }

  @Test(
    "that cannot be executed was never there, and the kernel says why",
    arguments: [
      (["no-such-program"], Errno.noSuchFile), (["/etc/passwd"], .permissionDenied), ([], .invalidArgument),
      (["echo", "a\0b"], .invalidArgument),
    ])
  func notExecuted(arguments: [String], errno: Errno) {
    let error = #expect(throws: KernelError.self) { _ = try ChildProcess(arguments) }
    #expect(error?.errno == errno)
  }

  @Test("is in the process group of its parent, with no signal blocked")
  func signals() async throws {
    let (status, group) = try await onOwnThread {
      var mask = sigset_t()
      unsafe sigfillset(&mask)
      unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
      return (try capture(["cat", "/proc/self/status"]), try capture(["sh", "-c", "cut -d ' ' -f 5 /proc/self/stat"]))
    }
    let lines = status.split(separator: "\n")
    #expect(lines.contains("SigBlk:\t0000000000000000"))
    #expect(group == "\(getpgrp())\n")
  }

  @Test("runs no handler of its parent's, and ignores what its parent ignores")
  func dispositions() throws {
    _ = signal(SIGUSR1) { _ in }
    let previous = signal(SIGUSR2, SIG_IGN)
    defer {
      signal(SIGUSR1, SIG_DFL)
      signal(SIGUSR2, previous)
    }
    #expect(try ChildProcess(["sh", "-c", "kill -USR2 $$; kill -USR1 $$"]).wait() == .signaled(SIGUSR1))
  }

  @Test("is waited for once, and cannot be signalled afterwards")
  func afterTheEnd() throws {
    let child = try ChildProcess(["true"])
    #expect(try child.wait(atMost: .patience) == .exited(0))
    #expect(throws: KernelError("send signal 9 to \(child.pid)", .noSuchProcess)) { try child.kill(SIGKILL) }
    let again = #expect(throws: KernelError.self) { try child.wait() }
    #expect(again?.errno == Errno(rawValue: ECHILD))
  }

  @Test("may run longer than one waits")
  func waitAtMost() throws {
    let child = try ChildProcess(["sleep", "1000"])
    #expect(try child.wait(atMost: .milliseconds(20)) == nil)
    try child.kill(SIGINT)
    #expect(try child.wait() == .signaled(SIGINT))
  }

  @Test("dies with the thread that started it, where it is told to")
  func parentDeath() async throws {
    let pid = try await onOwnThread {
      let child = try ChildProcess(["sleep", "1000"], parentDeathSignal: SIGTERM)
      return child.pid
    }
    // Its pidfd is closed, but not the right to wait for it.
    let status = try await onOwnThread {
      var status: Int32 = 0
      _ = unsafe waitpid(pid, &status, 0)
      return status
    }
    #expect(status & 0x7f == SIGTERM)
  }
}

/// What a command prints.
private func capture(_ arguments: [String], environment: [String]? = nil) throws -> String {
  let (readEnd, writeEnd) = try pair()
  let input = OwnedFileDescriptor(owning: readEnd)
  let output = OwnedFileDescriptor(owning: writeEnd)
  let child = try ChildProcess(
    arguments, environment: environment, streams: ChildProcess.StandardStreams(output: output.rawValue))
  try output.close()
  var bytes: [UInt8] = []
  var byte: UInt8 = 0
  while unsafe read(input.rawValue, &byte, 1) == 1 { bytes.append(byte) }
  _ = try child.wait()
  return String(decoding: bytes, as: UTF8.self)
}

/// Two ends of a connection.
private func pair() throws -> (Int32, Int32) {
  var ends: [Int32] = [-1, -1]
  let result = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
  guard result == 0 else { throw KernelError("socketpair", Errno(rawValue: errno)) }
  return (ends[0], ends[1])
}
