import Linux
import NFTables
import Netlink

/// Whether this kernel takes what nft(8) makes of its own listing of the tables.
enum ListingProbe {
  /// Where Debian keeps a firewall over a restart.
  static let keptRuleset = "/etc/nftables.conf"

  /// Tried in a network namespace of its own, which goes with its thread. nft 1.0.6, Debian 12's, exchanges the bytes of
  /// `meta l4proto`, which is a single one, before it looks for it among ranges; kernels of series 6.12 refuse that.
  static func isRefused() -> Bool {
    do throws(KernelError) { return try DetachedThread.run(name: "listing", attempt) } catch { return false }
  }

  /// On a thread that ends afterwards.
  @Sendable private static func attempt() -> Bool {
    do throws(KernelError) { try NetworkNamespace.unshare() } catch { return false }
    let table = Table(.inet, "tapestry")
    let chain = Chain(table.id, "trial")
    let expressions = [
      Expression(.meta(Meta(.l4proto, .load(.first)))),
      Expression(.byteOrder(ByteOrder(.first, .toNetwork, length: 1, size: 2))),
    ]
    var transaction = Transaction()
    transaction.add(table)
    transaction.add(chain)
    transaction.add(Rule(chain.id, expressions))
    do throws(KernelError) {
      var socket = try NFTablesSocket()
      try socket.apply(transaction)
      return false
    } catch {
      return error.errno == .notSupported
    }
  }

  /// Whether our tables are in the file that is loaded when the host starts.
  static var isKept: Bool {
    guard let bytes = try? File.read(keptRuleset) else { return false }
    return String(decoding: bytes, as: UTF8.self).contains("table inet tapestry")
  }
}
