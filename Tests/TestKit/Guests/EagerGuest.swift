import Glibc
import Linux
import Synchronization

/// A VMM that does not wait to be told: it takes hold of a TAP the moment the kernel lets it, and sends without pause.
///
/// It has a thread of its own, and ends by itself after a million frames or three minutes.
public final class EagerGuest: Sendable {
  /// How often it has tried in vain, and how many frames the kernel has taken of it, or refused.
  public struct Outcome: Sendable {
    public var attempts = 0
    public var taken = 0
    public var refused = 0
  }

  private let frames: [EthernetFrame]
  private let state = Mutex(Outcome())
  private let isStopped = Atomic<Bool>(false)
  private let ended = Latch()

  /// - Parameter frames: Sent one after another, over and over.
  public init(in namespace: TestNamespace, tap tapName: String, sending frames: [EthernetFrame]) {
    self.frames = frames
    Task {
      try? await namespace.run { self.run(tapName) }
      ended.open()
    }
    namespace.atEnd { _ = await self.stop() }
  }

  /// What it has done so far.
  public var outcome: Outcome { state.withLock { $0 } }

  /// Lets go of the TAP.
  @discardableResult
  public func stop() async -> Outcome {
    isStopped.store(true, ordering: .relaxed)
    await ended.wait()
    return outcome
  }

  private func run(_ tapName: String) {
    let deadline = ContinuousClock.now + .seconds(180)
    let mayGoOn = { !self.isStopped.load(ordering: .relaxed) && ContinuousClock.now < deadline }
    while mayGoOn() {
      guard let tap = try? GuestTap.attach(tapName, vnetHeader: false) else {
        state.withLock { $0.attempts += 1 }
        usleep(20)
        continue
      }
      while mayGoOn(), outcome.taken < 1_000_000 {
        for frame in frames {
          do throws(KernelError) {
            try tap.write(frame.bytes)
            state.withLock { $0.taken += 1 }
          } catch {
            state.withLock { $0.refused += 1 }
          }
        }
        // Others want to get on with it as well.
        usleep(200)
      }
      return
    }
  }
}
