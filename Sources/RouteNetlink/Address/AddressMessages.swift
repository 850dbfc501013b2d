import CLinux
import Linux
import NetTypes
public import Netlink

extension RouteBatch {
  /// Gives a link an address: RTM_NEWADDR. EEXIST where it has it.
  /// - Parameter linkName: The link's name, for the words of errors.
  public mutating func add(_ address: InterfaceAddress, linkName: String? = nil) {
    let operation = "add address \(address.words) to \(address.link(linkName))"
    message(RTM_NEWADDR, [.create, .exclusive], operation: operation) { $0.append(address) }
  }

  /// Gives a link an address, or changes the flags and lifetimes of the one it has.
  public mutating func replace(_ address: InterfaceAddress, linkName: String? = nil) {
    let operation = "set address \(address.words) of \(address.link(linkName))"
    message(RTM_NEWADDR, [.create, .replace], operation: operation) { $0.append(address) }
  }

  /// Takes an address from a link: RTM_DELADDR. That the link has it not, or is gone, is no failure.
  public mutating func delete(_ address: InterfaceAddress, linkName: String? = nil) {
    let operation = "delete address \(address.words) of \(address.link(linkName))"
    let satisfied: [Errno] = [.addressNotAvailable, .noSuchDevice]
    message(RTM_DELADDR, operation: operation, satisfiedBy: satisfied) { $0.append(address) }
  }
}

extension InterfaceAddress {
  fileprivate var words: String { "\(address)/\(prefixLength)" }

  fileprivate func link(_ name: String?) -> String { LinkReference.words(index: linkIndex, name: name) }
}

extension RouteSocket {
  /// All addresses, or those of a family or of a link: an RTM_GETADDR dump. A link that is not there has none.
  public mutating func addresses(
    family: AddressFamily = .unspecified, linkIndex: Int32? = nil
  ) throws(NetlinkError) -> [InterfaceAddress] {
    do throws(NetlinkError) {
      return try get(RTM_GETADDR, dump: true, operation: "list addresses") { message in
        message.append(family.rawValue)
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(linkIndex ?? 0)
      } decoding: { payload throws(DecodingFailure) in
        guard let address = try InterfaceAddress(decoding: payload) else { return nil }
        // Kernels without strict checking do not filter.
        return linkIndex == nil || address.linkIndex == linkIndex ? address : nil
      }
    } catch {
      guard linkIndex != nil, error.errno == .noSuchDevice else { throw error }
      return []
    }
  }
}
