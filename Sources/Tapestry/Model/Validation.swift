package import NetTypes

/// Parses user input into values of the model, with the original's error codes and messages.
package enum Validation {
  /// Parses a VM's id.
  /// - Throws: `INVALID_NAME`.
  package static func vmID(_ text: String) throws(TapestryError) -> Identifier {
    try Identifier(parsing: text, field: "VM id")
  }

  /// Parses the id of a VM's interface.
  /// - Throws: `INVALID_NAME`.
  package static func interfaceID(_ text: String) throws(TapestryError) -> Identifier {
    try Identifier(parsing: text, field: "interface id")
  }

  /// Parses a network's name.
  /// - Throws: `INVALID_NAME`.
  package static func networkName(_ text: String) throws(TapestryError) -> Identifier {
    try Identifier(parsing: text, field: "network name")
  }

  /// Parses an IPv4 subnet in CIDR notation. Host bits are dropped.
  /// - Throws: `INVALID_SUBNET`.
  package static func subnet(_ text: String) throws(TapestryError) -> IPv4Subnet {
    do throws(AddressError) { return try IPv4Subnet(parsing: text) } catch {
      throw TapestryError(.invalidSubnet, error.message)
    }
  }

  /// Like `subnet`, for a network: rejects host bits, which suggest that another subnet was meant, perhaps a longer prefix.
  /// - Throws: `INVALID_SUBNET`.
  package static func networkSubnet(_ text: String) throws(TapestryError) -> IPv4Subnet {
    let subnet = try subnet(text)
    guard subnet.description == text else {
      throw TapestryError(
        .invalidSubnet, "Invalid subnet '\(text)': it has host bits. Use \(subnet), the subnet that contains it")
    }
    return subnet
  }

  /// Parses an IPv4 address. `field` names it in the error message.
  /// - Throws: `INVALID_ADDRESS`.
  package static func address(_ text: String, field: String) throws(TapestryError) -> IPv4Address {
    do throws(AddressError) { return try IPv4Address(parsing: text) } catch {
      throw TapestryError(.invalidAddress, "\(field): \(error.message)")
    }
  }

  /// Parses a MAC.
  /// - Throws: `INVALID_MAC`.
  package static func mac(_ text: String) throws(TapestryError) -> MACAddress {
    do throws(AddressError) { return try MACAddress(parsing: text) } catch {
      throw TapestryError(.invalidMAC, error.message)
    }
  }

  /// Checks the name of a link. `field` names it in the error message.
  /// - Throws: `INVALID_INTERFACE_NAME`.
  package static func interfaceName(_ text: String, field: String) throws(TapestryError) -> InterfaceName {
    do throws(InterfaceNameError) { return try InterfaceName(parsing: text, field: field) } catch {
      throw TapestryError(.invalidInterfaceName, error.message)
    }
  }
}
