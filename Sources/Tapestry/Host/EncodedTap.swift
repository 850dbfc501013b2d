import Linux
package import NetTypes
import RouteNetlink

/// The messages that set a TAP up, encoded: for a benchmark to send by itself, and so to know what of an attachment's
/// cost is the kernel's.
package struct EncodedTap: Sendable {
  package var name: InterfaceName
  package let owner: TapOwner
  /// One sendmsg(2). Only the last message asks for an ack.
  package private(set) var bytes: [UInt8]
  /// Where the link's index belongs, in bytes.
  private let places: [Int]

  fileprivate init(_ lease: Lease, _ bytes: [UInt8], placeholder: Int32) {
    name = lease.tapName
    owner = lease.tapOwner
    self.bytes = bytes
    let pattern = Self.bytes(placeholder)
    places = bytes.indices.filter { bytes[$0...].starts(with: pattern) }
  }

  /// Names the link, once it is there.
  package mutating func setIndex(_ index: Int32) {
    for place in places { bytes.replaceSubrange(place..<(place + 4), with: Self.bytes(index)) }
  }

  private static func bytes(_ number: Int32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

extension LinuxHost {
  /// - Parameter group: The interface group instead of that of guests' TAPs.
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
