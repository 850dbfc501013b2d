import CLinux

/// Signals that are kept for reading instead of interrupting: signalfd(2). They stay blocked for the process's life, so
/// make one before any other thread starts.
public struct SignalQueue: ~Copyable {
  private let descriptor: OwnedFileDescriptor

  /// A signal that arrived.
  public struct Arrival: Hashable, Sendable {
    public var signal: Int32
    /// The terminal sent it, to every process of its foreground group.
    public var isFromTerminal: Bool
  }

  public init(_ signals: [Int32]) throws(SystemError) {
    let result = unsafe signals.withUnsafeBufferPointer { unsafe clinux_signal_open($0.baseAddress, $0.count) }
    descriptor = OwnedFileDescriptor(owning: try valueOrError(result, "signalfd"))
  }

  /// It polls as readable when a signal is pending. It is only borrowed.
  public var fileDescriptor: Int32 { descriptor.rawValue }

  /// The next pending signal; nil when there is none.
  public func next() throws(SystemError) -> Arrival? {
    var isFromKernel: Int32 = 0
    let signal = unsafe clinux_signal_next(descriptor.rawValue, &isFromKernel)
    _ = try valueOrError(signal, "read signalfd")
    return signal == 0 ? nil : Arrival(signal: signal, isFromTerminal: isFromKernel != 0)
  }
}
