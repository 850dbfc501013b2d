import CLinux
public import Linux
import NetTypes
import Netlink

extension RouteBatch {
  /// Adds an address to a link: RTM_NEWADDR with NLM_F_EXCL. The kernel answers EEXIST if the link has the address.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func add(_ address: InterfaceAddress, linkName: String? = nil) {
    let operation = "add address \(address.text) to \(address.link(linkName))"
    message(RTM_NEWADDR, [.create, .exclusive], operation: operation) { $0.append(address) }
  }

  /// Adds an address to a link, or changes its flags and lifetimes: RTM_NEWADDR with NLM_F_REPLACE.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func replace(_ address: InterfaceAddress, linkName: String? = nil) {
    let operation = "set address \(address.text) of \(address.link(linkName))"
    message(RTM_NEWADDR, [.create, .replace], operation: operation) { $0.append(address) }
  }

  /// Deletes an address of a link: RTM_DELADDR. It is not an error if the address or the link does not exist.
  /// - Parameter linkName: The link's name, for error texts only.
  public mutating func delete(_ address: InterfaceAddress, linkName: String? = nil) {
    let operation = "delete address \(address.text) of \(address.link(linkName))"
    let satisfied: [Errno] = [.addressNotAvailable, .noSuchDevice]
    message(RTM_DELADDR, operation: operation, satisfiedBy: satisfied) { $0.append(address) }
  }
}

extension InterfaceAddress {
  fileprivate var text: String { "\(address)/\(prefixLength)" }

  fileprivate func link(_ name: String?) -> String { LinkReference.text(index: linkIndex, name: name) }
}

extension RouteSocket {
  /// Returns the addresses: an RTM_GETADDR dump. A link that does not exist has none.
  /// - Parameters:
  ///   - family: The address family; all families by default.
  ///   - linkIndex: The index of the link; nil for all links.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func addresses(
    family: AddressFamily = .unspecified, linkIndex: Int32? = nil
  ) throws(KernelError) -> [InterfaceAddress] {
    do throws(KernelError) {
      return try get(RTM_GETADDR, dump: true, operation: "list addresses") { message in
        message.append(family.rawValue)
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(linkIndex ?? 0)
      } decoding: { payload throws(DecodingFailure) in
        guard let address = try InterfaceAddress(decoding: payload) else { return nil }
        // Kernels without strict checking (before 4.20) do not filter.
        return linkIndex == nil || address.linkIndex == linkIndex ? address : nil
      }
    } catch {
      guard linkIndex != nil, error.errno == .noSuchDevice else { throw error }
      return []
    }
  }
}
