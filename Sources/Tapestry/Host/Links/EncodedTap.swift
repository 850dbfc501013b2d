import Linux
package import NetTypes
import RouteNetlink

/// The encoded messages that configure a TAP. A benchmark sends them alone to measure the kernel's share of an attachment's
/// cost.
package struct EncodedTap: Sendable {
  package var name: InterfaceName
  package let owner: TapOwner
  /// One sendmsg(2). Only the last message asks for an ack.
  package private(set) var bytes: [UInt8]
  /// The offsets of the link's index, in bytes.
  private let places: [Int]

  fileprivate init(_ lease: Lease, _ bytes: [UInt8], placeholder: Int32) {
    name = lease.tapName
    owner = lease.tapOwner
    self.bytes = bytes
    let pattern = Self.bytes(placeholder)
    places = bytes.indices.filter { bytes[$0...].starts(with: pattern) }
  }

  /// Inserts the index of the link, once the link exists.
  package mutating func setIndex(_ index: Int32) {
    for place in places { bytes.replaceSubrange(place..<(place + 4), with: Self.bytes(index)) }
  }

  private static func bytes(_ number: Int32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

extension LinkDriver {
  /// - Parameter group: The interface group to use instead of the one of guests' TAPs.
  func encode(_ guest: Desired.Guest, group: UInt32) throws(TapestryError) -> EncodedTap {
    let placeholder: Int32 = 0x7fed_cba9
    do throws(KernelError) {
      let batch = configuration(guest, index: placeholder, try place(of: guest), group: group)
      guard let datagram = batch.datagrams.first, batch.datagrams.count == 1 else {
        throw KernelError("encode the messages of \(guest.lease.tapName)", .messageTooLong)
      }
      return EncodedTap(guest.lease, datagram.bytes, placeholder: placeholder)
    } catch {
      throw linkFailure(error, guest).error
    }
  }
}
