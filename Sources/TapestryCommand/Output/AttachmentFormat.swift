import ArgumentParser
import NetTypes
import Tapestry

/// The output formats of `attach`.
enum AttachmentFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, env
  case bootArguments = "boot-args"
  case firecracker, qemu

  static var allValueDescriptions: [String: String] {
    [
      "text": "Human-readable text.", "json": "An object with every field.",
      "env": "Shell assignments for eval: TAPESTRY_TAP_NAME='…' and so on; 'false' on failure.",
      "boot-args": "Only the kernel's ip= parameter.",
      "firecracker":
        "An entry of network-interfaces for Firecracker's API; for a clone, an entry of network_overrides.",
      "qemu": "The -netdev and -device arguments.",
    ]
  }

  /// Makes `eval "$(tapestry attach … -o env)"` fail if attach fails: eval ignores the status of the substitution, but
  /// returns that of the printed command. It has no other effect on the caller's shell, which exits only with `set -e`.
  static let failedAssignments = "false"

  func lines(_ attachment: Attachment) -> [String] {
    switch self {
    case .text: attachment.labelledFields.map { label, value in label.padded(to: 14) + value }
    case .json: [JSON(attachment).text]
    case .env: attachment.fields.map { name, value in "TAPESTRY_\(name.upperSnakeCase)='\(value)'" }
    case .bootArguments: [attachment.bootArguments]
    case .firecracker: [attachment.firecrackerInterface.text]
    case .qemu: [attachment.qemuArguments.joined(separator: " ")]
    }
  }
}

extension Attachment {
  /// The fields by JSON name: the placeholders of `run`, and the variables of `-o env`.
  ///
  /// No value contains a character that is special to a shell within single quotes.
  var fields: [(name: String, value: String)] {
    let fields: [(name: String, value: String?)] = [
      ("vmId", vmID.rawValue), ("interfaceId", interfaceID.rawValue), ("network", network.rawValue),
      ("tapName", tapName.rawValue),
      ("guestIp", guestIP.description), ("prefixLength", String(prefixLength)), ("gatewayIp", gatewayIP.description),
      ("subnetMask", subnetMask.description), ("mac", mac.description), ("mtu", String(mtu)),
      ("bridge", bridge.rawValue), ("bootArgs", bootArguments), ("outerIp", outerIP?.description),
      ("domainName", domainName), ("guestIp6", guestIP6?.description),
      ("prefixLength6", prefixLength6?.description), ("gatewayIp6", gatewayIP6?.description),
    ]
    return fields.compactMap { name, value in value.map { (name, $0) } }
  }

  fileprivate var labelledFields: [(label: String, value: String)] {
    var fields: [(label: String, value: String?)] = [
      ("VM", vmID.rawValue), ("interface", interfaceID.rawValue),
      ("network", "\(network) (bridge \(bridge), mtu \(mtu))"),
      ("TAP", tapName.rawValue), ("MAC", mac.description), ("address", "\(guestIP)/\(prefixLength)"),
      ("gateway", gatewayIP.description), ("boot args", bootArguments), ("owner", settings.owner?.description),
      ("known as", outerIP?.description), ("name", domainName),
      ("IPv6 address", guestIP6.flatMap { address in prefixLength6.map { "\(address)/\($0)" } }),
      ("IPv6 gateway", gatewayIP6?.description),
      ("egress", settings.egress.isEmpty ? nil : settings.egress.text()),
      ("published", settings.published.isEmpty ? nil : settings.published.map(\.description).joined(separator: ", ")),
      ("rate limit", settings.rateLimit.isEmpty ? nil : settings.rateLimit.description),
      ("connections", settings.maxConnections?.text),
    ]
    fields += settings.lines(without: ["owner", "egress", "rate limit", "max connections"]).map { ($0.label, $0.value) }
    fields += [
      ("process", endedPID == nil ? pid?.description : nil),
      ("state", endedPID.map { "ended: process \($0) has exited; 'tapestry gc' removes this attachment" }),
    ]
    return fields.compactMap { label, value in value.map { (label, $0) } }
  }

  /// `-netdev` and `-device` for qemu-system. The TAP's name is the id: QEMU requires a letter first and no colon.
  var qemuArguments: [String] {
    [
      "-netdev", "tap,id=\(tapName),ifname=\(tapName),script=no,downscript=no",
      "-device", "virtio-net-pci,netdev=\(tapName),mac=\(mac)",
    ]
  }

  /// An entry of `network-interfaces` in Firecracker's API. For a clone, an entry of `network_overrides`, a parameter of
  /// loading a snapshot: the rest of its interface is in the snapshot.
  fileprivate var firecrackerInterface: JSON {
    var members: [(name: String, value: JSON)] = [
      ("iface_id", .string(interfaceID.rawValue)), ("host_dev_name", .string(tapName.rawValue)),
    ]
    guard outerIP == nil else { return .object(members) }
    members.append(("guest_mac", .string(mac.description)))
    // Firecracker supports the member since 1.16, and rejects unknown members.
    if mtu != Network.standardMTU { members.append(("mtu", .number(mtu))) }
    return .object(members + settings.rateLimit.firecrackerLimiters)
  }
}

extension OutputOptions {
  /// Prints attachments in full.
  func show(_ attachments: [Attachment]) {
    show(
      attachments,
      text: [attachments.map { AttachmentFormat.text.lines($0).joined(separator: "\n") }.joined(separator: "\n\n")])
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
