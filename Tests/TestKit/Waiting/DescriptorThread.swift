import Glibc
import Linux
import Synchronization

/// A thread that waits on descriptors and handles what can be read from them. It may resume tasks, so whoever makes it has
/// moved to no namespace.
final class DescriptorThread: Sendable {
  private let held: Held
  /// The thread waits on the other end of this pair; closing this one stops it.
  private let stopper: Mutex<OwnedFileDescriptor?>

  /// What the thread and its owner share; the thread does not keep its owner.
  private final class Held: Sendable {
    let descriptors: Mutex<[SharedDescriptor]>
    let ended = Latch()

    init(_ descriptors: [SharedDescriptor]) { self.descriptors = Mutex(descriptors) }
  }

  /// Starts the thread.
  /// - Parameter onReadable: Called on the thread for the descriptor at an index; it ends when this is false.
  init(
    name: String, _ descriptors: [SharedDescriptor], onReadable: @escaping @Sendable (Int, SharedDescriptor) -> Bool
  ) throws(KernelError) {
    var pair: [Int32] = [-1, -1]
    let result = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair)
    guard result == 0 else { throw KernelError("socketpair", Errno(rawValue: errno)) }
    let stop = SharedDescriptor(owning: OwnedFileDescriptor(owning: pair[0]))
    stopper = Mutex(OwnedFileDescriptor(owning: pair[1]))

    let held = Held(descriptors)
    self.held = held
    try DetachedThread.start(name: name) {
      Self.run(held, stop, onReadable)
      // Closed before anyone is told.
      ForkLock.close { held.descriptors.withLock { $0 = [] } }
      held.ended.open()
    }
  }

  private static func run(
    _ held: Held, _ stop: SharedDescriptor, _ onReadable: (Int, SharedDescriptor) -> Bool
  ) {
    let descriptors = held.descriptors.withLock { $0 } + [stop]
    var entries = descriptors.map { pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0) }
    while true {
      guard let ready = try? Poll.wait(&entries, within: .seconds(3600)) else { return }
      guard ready > 0 else { continue }
      if let last = entries.last, last.revents != 0 { return }
      for (index, entry) in entries.enumerated() where entry.revents != 0 {
        guard onReadable(index, descriptors[index]) else { return }
      }
    }
  }

  /// The descriptor at an index.
  /// - Throws: `KernelError` of EBADF once the thread has ended.
  func descriptor(_ index: Int = 0) throws(KernelError) -> SharedDescriptor {
    let descriptors = held.descriptors.withLock { $0 }
    guard descriptors.indices.contains(index) else { throw KernelError("use a closed descriptor", .badFileDescriptor) }
    return descriptors[index]
  }

  var isRunning: Bool { !held.ended.isOpen }

  /// Ends the thread and closes the descriptors; returns when that is done.
  func stop() async {
    stopper.withLock { $0 = nil }
    await held.ended.wait()
  }
}
