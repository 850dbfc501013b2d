import CLinux

/// Signals that are read instead of handled: signalfd(2). They stay blocked as long as the process lives, so create this
/// before any other thread starts.
public struct SignalQueue: ~Copyable {
  private let descriptor: OwnedFileDescriptor

  /// A received signal.
  public struct Arrival: Hashable, Sendable {
    /// The signal's number.
    public var signal: Int32
    /// True if the terminal sent it, to every process of its foreground process group.
    public var isFromTerminal: Bool
  }

  /// Blocks the signals and opens the signalfd.
  /// - Throws: `KernelError` of pthread_sigmask(3) or signalfd(2).
  public init(_ signals: [Int32]) throws(KernelError) {
    let result = unsafe signals.withUnsafeBufferPointer { unsafe clinux_signal_open($0.baseAddress, $0.count) }
    descriptor = OwnedFileDescriptor(owning: try valueOrError(result, "signalfd"))
  }

  /// The signalfd, borrowed. It polls as readable when a signal is pending.
  public var fileDescriptor: Int32 { descriptor.rawValue }

  /// Returns the next pending signal; nil if there is none.
  /// - Throws: `KernelError` of read(2), except EAGAIN.
  public func next() throws(KernelError) -> Arrival? {
    var isFromKernel: Int32 = 0
    let signal = unsafe clinux_signal_next(descriptor.rawValue, &isFromKernel)
    _ = try valueOrError(signal, "read signalfd")
    return signal == 0 ? nil : Arrival(signal: signal, isFromTerminal: isFromKernel != 0)
  }
}
