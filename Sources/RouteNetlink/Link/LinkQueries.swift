import CLinux
import Linux
public import Netlink

extension RouteSocket {
  /// All links, or those of a kind (`bridge`, `tun`) or with a master: an RTM_GETLINK dump.
  public mutating func links(kind: String? = nil, master: Int32? = nil) throws(NetlinkError) -> [Link] {
    try links(kind: kind, master: master) { $0 }
  }

  /// What `body` makes of each link, one after another, so that of thousands no more is held than is asked for.
  public mutating func links<Value>(
    kind: String? = nil, master: Int32? = nil, mapping body: (Link) -> Value?
  ) throws(NetlinkError) -> [Value] {
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

  /// The link with this name, or with this alternative name; nil when there is none.
  /// - Parameter statistics: Whether its counters are asked for too.
  public mutating func link(named name: String, statistics: Bool = false) throws(NetlinkError) -> Link? {
    try link(.name(name), statistics: statistics)
  }

  /// The link with this index; nil when there is none.
  public mutating func link(index: Int32) throws(NetlinkError) -> Link? { try link(.index(index)) }

  private mutating func link(_ reference: LinkReference, statistics: Bool = false) throws(NetlinkError) -> Link? {
    do throws(NetlinkError) {
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
  /// Without the counters that IPv6 has for each link, which the kernel would add up over all processors.
  fileprivate mutating func skipStatistics() { attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS)) }
}
