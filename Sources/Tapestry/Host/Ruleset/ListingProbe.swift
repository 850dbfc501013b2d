import Linux
import NFTables

/// Whether this kernel accepts the rules that nft(8) makes of its own listing of the tables.
enum ListingProbe {
  /// The file that Debian loads a firewall from at boot.
  static let keptRuleset = "/etc/nftables.conf"

  /// Tried in a separate network namespace, which ends with its thread. nft 1.0.6 (Debian 12) adds a byte order conversion
  /// to `meta l4proto`, which is a single byte, before it compares it with ranges. Kernels 6.12 refuse that.
  static func isRefused() -> Bool {
    do throws(KernelError) { return try DetachedThread.run(name: "listing", attempt) } catch { return false }
  }

  /// Runs on a thread that ends afterwards.
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

  /// Whether our tables are in the file that is loaded at boot.
  static var isKept: Bool {
    guard let bytes = try? File.read(keptRuleset) else { return false }
    return String(decoding: bytes, as: UTF8.self).contains("table inet tapestry")
  }
}
