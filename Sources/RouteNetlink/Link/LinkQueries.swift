import CLinux
public import Linux
import Netlink

extension RouteSocket {
  /// Returns the links: an RTM_GETLINK dump.
  /// - Parameters:
  ///   - kind: Only links of this kind (`bridge`, `tun`); nil for all.
  ///   - master: Only links enslaved to the link with this index; nil for all.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func links(kind: String? = nil, master: Int32? = nil) throws(KernelError) -> [Link] {
    try links(kind: kind, master: master) { $0 }
  }

  /// The same, but returns the results of `body`. It is called for one link after another, so that not thousands of links
  /// are held in memory at once. Links for which it returns nil are left out.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func links<Value>(
    kind: String? = nil, master: Int32? = nil, mapping body: (Link) -> Value?
  ) throws(KernelError) -> [Value] {
    try get(RTM_GETLINK, dump: true, operation: "list links") { message in
      message.append(LinkHeader())
      message.skipStatistics()
      if let kind { message.nest(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, kind) } }
      if let master { message.attribute(IFLA_MASTER, master) }
    } decoding: { payload throws(DecodingFailure) in
      let link = try Link(decoding: payload)
      // The kernel does not filter by a kind whose module is not loaded.
      guard kind == nil || link.kind == kind, master == nil || link.master == master else { return nil }
      return body(link)
    }
  }

  /// Returns the link with this name or alternative name; nil if there is none.
  /// - Parameters:
  ///   - name: The name.
  ///   - statistics: Whether to read the counters too.
  /// - Throws: `KernelError` of the exchange, except ENODEV; EBADMSG for a malformed answer.
  public mutating func link(named name: String, statistics: Bool = false) throws(KernelError) -> Link? {
    try link(.name(name), statistics: statistics)
  }

  /// Returns the link with this index; nil if there is none.
  /// - Throws: `KernelError` of the exchange, except ENODEV; EBADMSG for a malformed answer.
  public mutating func link(index: Int32) throws(KernelError) -> Link? { try link(.index(index)) }

  private mutating func link(_ reference: LinkReference, statistics: Bool = false) throws(KernelError) -> Link? {
    do throws(KernelError) {
      return try get(RTM_GETLINK, dump: false, operation: "get link \(reference)") { message in
        message.append(reference)
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
