import NetTypes
import Netlink

@testable import RouteNetlink

/// Messages that are read into values which can be written again: what was read is written so that it is read as the
/// same.
extension FuzzTarget {
  static let links = FuzzTarget("links", longest: 1024) { bytes in
    guard let link = bytes.decoded({ span throws(DecodingFailure) in try Link(decoding: span) }) else { return }
    hold(bytes.decoded { span throws(DecodingFailure) in try Link(decoding: span) } == link, "read twice, the same")
  }

  static let addresses = FuzzTarget("addresses", longest: 256) { bytes in
    guard let address = bytes.decoded({ span throws(DecodingFailure) in try InterfaceAddress(decoding: span) })
    else { return }
    hold(!address.address.description.isEmpty, "an address has a text")
    let again = payload { $0.append(address) }.decoded { span throws(DecodingFailure) in
      try InterfaceAddress(decoding: span)
    }
    hold(again == address, differing(address, again))
  }

  static let routes = FuzzTarget("routes", longest: 256) { bytes in
    guard let route = bytes.decoded({ span throws(DecodingFailure) in try Route(decoding: span) }) else { return }
    hold(!route.destination.description.isEmpty, "a destination has a text")
    let again = payload { $0.append(route) }.decoded { span throws(DecodingFailure) in try Route(decoding: span) }
    hold(again == route, differing(route, again))
  }

  static let neighbors = FuzzTarget("neighbors", longest: 256) { bytes in
    if let neighbor = bytes.decoded({ span throws(DecodingFailure) in try Neighbor(decoding: span) }) {
      let again = payload { $0.append(neighbor) }.decoded { span throws(DecodingFailure) in
        try Neighbor(decoding: span)
      }
      hold(again == neighbor, differing(neighbor, again))
    }
    _ = bytes.decoded { span throws(DecodingFailure) in try ForwardingEntry(decoding: span) }
  }

  static let qdiscs = FuzzTarget("qdiscs", longest: 256) { bytes in
    guard let qdisc = bytes.decoded({ span throws(DecodingFailure) in try RootQdisc(decoding: span) }) else { return }
    hold(qdisc.normalForm.normalForm == qdisc.normalForm, "the normal form is normal")
    var written = payload { $0.append(qdisc) }
    // A request has no handle; the kernel gives one.
    written[8] = 1
    let again = written.decoded { span throws(DecodingFailure) in try RootQdisc(decoding: span) }
    hold(again == qdisc, differing(qdisc, again))
  }
}
