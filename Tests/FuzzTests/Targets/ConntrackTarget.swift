import NetTypes
import Netlink

@testable import Conntrack

extension FuzzTarget {
  /// An entry, and the key by which it is deleted: whatever address of it is asked for finds the key.
  static let conntrack = FuzzTarget("conntrack", longest: 512) { bytes in
    let entry = bytes.decoded { span throws(DecodingFailure) in try ConntrackEntry(decoding: span) }
    let anyAddress: Set<IPv4Address> = [IPv4Address(198, 51, 100, 2)]
    let key = bytes.decoded { span throws(DecodingFailure) in try EntryKey(decoding: span, ifContaining: anyAddress) }
    if let key { checkDeletion(of: key) }

    guard let entry else { return }
    for case .v4(let source, let destination) in [entry.original.addresses, entry.reply.addresses] {
      for address in [source, destination] {
        let key = bytes.decoded { span throws(DecodingFailure) in try EntryKey(decoding: span, ifContaining: [address])
        }
        hold(key != nil, "an entry's own address finds its key: \(address)")
        if let key { checkDeletion(of: key) }
      }
    }
  }

  private static func checkDeletion(of key: EntryKey) {
    var buffer = MessageBuffer()
    buffer.deleteConntrackEntry(key)
    hold(buffer.bytes.count % 4 == 0 && !buffer.isOversized, "a deletion can be sent")
  }
}
