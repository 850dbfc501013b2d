import ArgumentParser
import NetTypes
import Tapestry

/// How `attach` prints an attachment.
enum AttachmentFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, env
  case bootArguments = "boot-args"
  case firecracker, qemu

  func lines(_ attachment: Attachment) throws -> [String] {
    switch self {
    case .text: attachment.labelledFields.map { label, value in label.padded(to: 14) + value }
    case .json: [try JSON.line(attachment)]
    case .env: attachment.fields.map { name, value in "TAPESTRY_\(name.upperSnakeCase)='\(value)'" }
    case .bootArguments: [attachment.bootArguments]
    case .firecracker: [try JSON.line(FirecrackerInterface(attachment))]
    case .qemu: [attachment.qemuArguments.joined(separator: " ")]
    }
  }
}

extension Attachment {
  /// The fields by their JSON names: the placeholders of `run`, and the variables of `-o env`.
  ///
  /// No value holds a character that means something to a shell within single quotes.
  var fields: [(name: String, value: String)] {
    [
      ("vmId", vmID), ("interfaceId", interfaceID), ("network", network), ("tapName", tapName.rawValue),
      ("guestIp", guestIP.description), ("prefixLength", String(prefixLength)), ("gatewayIp", gatewayIP.description),
      ("subnetMask", subnetMask.description), ("mac", mac.description), ("mtu", String(mtu)),
      ("bridge", bridge.rawValue), ("bootArgs", bootArguments),
    ]
  }

  fileprivate var labelledFields: [(label: String, value: String)] {
    [
      ("VM", vmID), ("interface", interfaceID), ("network", "\(network) (bridge \(bridge), mtu \(mtu))"),
      ("TAP", tapName.rawValue), ("MAC", mac.description), ("address", "\(guestIP)/\(prefixLength)"),
      ("gateway", gatewayIP.description), ("boot args", bootArguments),
    ]
  }

  /// `-netdev` and `-device` for qemu-system. The TAP's name serves as id: QEMU wants a letter first and no colon.
  var qemuArguments: [String] {
    [
      "-netdev", "tap,id=\(tapName),ifname=\(tapName),script=no,downscript=no",
      "-device", "virtio-net-pci,netdev=\(tapName),mac=\(mac)",
    ]
  }
}

/// An entry of `network-interfaces` in Firecracker's API.
private struct FirecrackerInterface: Encodable {
  var interfaceID: String
  var hostDeviceName: String
  var guestMAC: String
  var mtu: Int

  init(_ attachment: Attachment) {
    interfaceID = attachment.interfaceID
    hostDeviceName = attachment.tapName.rawValue
    guestMAC = attachment.mac.description
    mtu = attachment.mtu
  }

  enum CodingKeys: String, CodingKey {
    case interfaceID = "iface_id"
    case hostDeviceName = "host_dev_name"
    case guestMAC = "guest_mac"
    case mtu
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }

  /// `guestIp` → `GUEST_IP`.
  fileprivate var upperSnakeCase: String {
    reduce(into: "") { text, character in
      if character.isUppercase { text.append("_") }
      text += character.uppercased()
    }
  }
}
