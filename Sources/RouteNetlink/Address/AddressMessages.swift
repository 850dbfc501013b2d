import CLinux
public import Linux
import NetTypes
import Netlink

extension RouteBatch {
  /// Adds an address to a link, or changes its flags and lifetimes: RTM_NEWADDR with NLM_F_REPLACE.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func replace(_ address: InterfaceAddress, linkName: String? = nil) {
    let link = LinkReference.text(index: address.linkIndex, name: linkName)
    let operation = "set address \(address.address)/\(address.prefixLength) of \(link)"
    message(RTM_NEWADDR, [.create, .replace], operation: operation) { $0.append(address) }
  }
}

extension RouteSocket {
  /// Returns the addresses: an RTM_GETADDR dump.
  /// - Parameter family: The address family; all families by default.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func addresses(family: AddressFamily = .unspecified) throws(KernelError) -> [InterfaceAddress] {
    try get(RTM_GETADDR, dump: true, operation: "list addresses") { message in
      message.append(UInt32(family.rawValue))
      message.append(UInt32(0))
    } decoding: { payload throws(DecodingFailure) in
      try InterfaceAddress(decoding: payload)
    }
  }
}
