import Glibc
import Linux

/// Whether a link has gone through what follows when its carrier comes: the kernel does that in its own time, up to a
/// second later, and drops frames until then.
enum LinkReadiness {
  /// BR_STATE_FORWARDING
  private static let forwarding = "3"

  /// Blocks the calling thread, in the namespace of `link`, until the link can carry frames, and its bridge too where it
  /// is a port of one. Returns at once when it is not up: IFF_UP.
  static func wait(for link: String, within limit: Duration = .patience) {
    let deadline = ContinuousClock.now + limit
    while !isReady(link), ContinuousClock.now < deadline { usleep(1000) }
  }

  private static func isReady(_ link: String) -> Bool {
    let path = "/sys/class/net/\(link)"
    guard let flags = try? File.readLine("\(path)/flags").dropFirst(2), let bits = UInt32(flags, radix: 16),
      bits & UInt32(IFF_UP) != 0
    else { return true }
    guard isOperational(path) else { return false }
    // Takes the RTNL: the kernel marks a link as operational first, then gives it its queue, then tells its bridge, all
    // under that lock. A frame that comes before the queue is dropped.
    _ = try? File.readLine("\(path)/speed")
    guard let state = try? File.readLine("\(path)/brport/state") else { return true }
    return state == forwarding && isOperational("\(path)/master")
  }

  private static func isOperational(_ path: String) -> Bool {
    guard let state = try? File.readLine("\(path)/operstate") else { return true }
    // It stays unknown if the carrier has never changed. Otherwise the kernel has yet to look.
    return state == "up" || state == "unknown" && (try? File.readLine("\(path)/carrier_changes")) == "0"
  }
}
