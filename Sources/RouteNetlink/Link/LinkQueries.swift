import CLinux
public import Linux
import Netlink

extension RouteSocket {
  /// Returns the links: an RTM_GETLINK dump.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func links() throws(KernelError) -> [Link] { try links { $0 } }

  /// The same, but returns the results of `body`. It is called for one link after another, so that not thousands of links
  /// are held in memory at once. Links for which it returns nil are left out.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func links<Value>(mapping body: (Link) -> Value?) throws(KernelError) -> [Value] {
    try get(RTM_GETLINK, dump: true, operation: "list links") { message in
      message.appendLinkHeader()
      message.skipStatistics()
    } decoding: { payload throws(DecodingFailure) in
      body(try Link(decoding: payload))
    }
  }

  /// Returns the link with this name or alternative name; nil if there is none.
  /// - Parameters:
  ///   - name: The name.
  ///   - statistics: Whether to read the counters too.
  /// - Throws: `KernelError` of the exchange, except ENODEV; EBADMSG for a malformed answer.
  public mutating func link(named name: String, statistics: Bool = false) throws(KernelError) -> Link? {
    do throws(KernelError) {
      return try get(RTM_GETLINK, dump: false, operation: "get link \(name)") { message in
        message.append(LinkReference.name(name))
        if !statistics { message.skipStatistics() }
      } decoding: { payload throws(DecodingFailure) in
        try Link(decoding: payload)
      }.first
    } catch {
      guard error.errno == .noSuchDevice else { throw error }
      return nil
    }
  }
}

extension MessageBuffer {
  /// Requests no statistics: for the IPv6 counters of each link the kernel would add up those of all CPUs.
  fileprivate mutating func skipStatistics() { attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS)) }
}
