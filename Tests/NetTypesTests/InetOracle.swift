import Glibc
import NetTypes

/// The C library's own reading and printing of addresses, to compare ours with.
enum InetOracle {
  /// The bytes `inet_pton` makes of `text` for this family, or `nil` if it refuses it.
  static func parse(_ text: String, family: Int32) -> [UInt8]? {
    guard !text.utf8.contains(0) else { return nil }  // inet_pton would not see what follows
    var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
    return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  /// What `inet_ntop` prints for these 4 or 16 bytes.
  static func print(_ bytes: [UInt8]) -> String? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 16 ? AF_INET6 : AF_INET
    guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
