import Glibc
import Linux
import TestKit
import Testing

/// In processes of their own: a held process has copies of all that its parent has open, of the TAPs of other tests too.
@Suite("A held process")
struct HeldProcessTests {
  @Test("is there, and executes nothing until it is released")
  func released() async {
    await #expect(processExitsWith: .success) {
      let path = "/tmp/tapestry-held-\(getpid())"
      defer { _ = unsafe unlink(path) }
      let held = try HeldProcess(["sh", "-c", "echo $$ >\(path); exit 7"])
      let pid = held.pid
      #expect(try File.read("/proc/\(pid)/cmdline") == File.read("/proc/self/cmdline"))
      #expect(unsafe access(path, F_OK) != 0)
      let child = try held.release()
      #expect(child.pid == pid)
      #expect(try child.wait() == .exited(7))
      #expect(try File.readLine(path) == "\(pid)")
    }
  }

  @Test("keeps its identity when it begins")
  func identity() async {
    await #expect(processExitsWith: .success) {
      let held = try HeldProcess(["sleep", "1000"])
      let identity = try #require(try ProcessIdentity(running: held.pid))
      let child = try held.release()
      #expect(identity.isAlive)
      try child.kill(SIGKILL)
      _ = try child.wait()
      #expect(!identity.isAlive)
    }
  }

  @Test("that is let go of ends, has executed nothing, and has been waited for")
  func letGo() async {
    await #expect(processExitsWith: .success) {
      let path = "/tmp/tapestry-held-\(getpid())"
      let pid = try {
        let held = try HeldProcess(["touch", path])
        return held.pid
      }()
      #expect(kill(pid, 0) != 0)
      #expect(unsafe access(path, F_OK) != 0)
    }
  }

  @Test("that cannot execute says why when it is released, and is gone")
  func notExecutable() async {
    await #expect(processExitsWith: .success) {
      for (program, number) in [("no-such-command", ENOENT), ("/etc/passwd", EACCES)] {
        let held = try HeldProcess([program])
        let pid = held.pid
        do throws(KernelError) {
          _ = try held.release()
          Issue.record("\(program) was executed")
        } catch {
          #expect(error.errno.rawValue == number && error.operation == "execute \(program)")
        }
        #expect(kill(pid, 0) != 0)
      }
    }
  }

  @Test("begins with no signal blocked, and dies of one that came before")
  func pendingSignal() async {
    await #expect(processExitsWith: .success) {
      for signal in [SIGTERM, SIGKILL] {
        let held = try HeldProcess(["sleep", "1000"])
        #expect(kill(held.pid, signal) == 0)
        #expect(try held.release().wait() == .signaled(signal))
      }
    }
  }
}
