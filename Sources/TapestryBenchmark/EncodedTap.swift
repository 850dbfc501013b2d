import Linux
import NetTypes
import RouteNetlink
import Tapestry

/// The messages with which the library configures a TAP, encoded before they are sent. Sending them alone shows the
/// kernel's share of an attachment's cost.
struct EncodedTap {
  let name: InterfaceName
  let owner: TapOwner
  /// The link's index, once the link exists.
  var index: Int32 = 0 {
    didSet {
      for place in places { bytes.replaceSubrange(place..<(place + 4), with: Self.bytes(index)) }
    }
  }
  /// One sendmsg(2). Only the last message asks for an ack.
  private(set) var bytes: [UInt8]
  /// The offsets of the link's index, in bytes.
  private let places: [Int]

  init(_ lease: Lease, in network: Network, bridge: Int32?, by links: LinkDriver) throws {
    let placeholder: Int32 = 0x7fed_cba9
    let guest = Desired.Guest(network: network, lease: lease)
    let datagrams = links.configuration(guest, index: placeholder, bridge: bridge).datagrams
    guard let datagram = datagrams.first, datagrams.count == 1 else {
      throw KernelError("encode the messages of \(lease.tapName)", .messageTooLong)
    }
    name = lease.tapName
    owner = lease.tapOwner
    bytes = datagram.bytes
    let pattern = Self.bytes(placeholder)
    places = datagram.bytes.indices.filter { datagram.bytes[$0...].starts(with: pattern) }
  }

  private static func bytes(_ number: Int32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
