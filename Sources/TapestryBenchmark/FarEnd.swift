import Glibc
import Linux

/// The far end of a host's uplink, which stands for the internet.
struct FarEnd: ~Copyable {
  private let socket: LinkSocket
  /// The answer to the datagram, as often as it is sent.
  private let answer: [UInt8]

  /// Learns from a datagram that arrives how to answer it. Returns nil if none arrives.
  /// - Parameters:
  ///   - interface: The uplink's other end, in the calling thread's namespace.
  ///   - send: Sends the datagram.
  init?(_ interface: String, answering send: () -> Void) throws {
    let listener = try LinkSocket(interface: interface, receives: true)
    var answer: [UInt8]?
    let deadline = ContinuousClock.now + .seconds(2)
    send()
    while answer == nil, ContinuousClock.now < deadline {
      guard try Poll.isReadable(listener.descriptor.rawValue, within: .milliseconds(100)) else { continue }
      while let (frame, isOutgoing) = try LinkSocket.receive(listener.descriptor.rawValue) {
        if !isOutgoing { answer = answer ?? Frame.answer(to: frame) }
      }
    }
    guard let answer else { return nil }
    let socket = try LinkSocket(interface: interface, receives: false)
    self.answer = answer
    self.socket = socket
  }

  /// Sends the answer. The kernel has processed it when this returns.
  func send() { _ = unsafe write(socket.descriptor.rawValue, answer, answer.count) }
}
