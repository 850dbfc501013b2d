import NFTables
import NetTypes

extension Element {
  /// All addresses of a prefix, for a set of intervals.
  init<Address>(_ prefix: Prefix<Address>, data: Data? = nil, comment: String? = nil) {
    let (first, last) = (IPAddress(prefix.address).bytes, IPAddress(prefix.lastAddress).bytes)
    let type = DataType.address(Address.family)
    self.init(Datum(type, bytes: first), through: [Datum(type, bytes: last)], data: data, comment: comment)
  }
}
