extension TapestryError {
  /// The message for people at a command line. Findings and drifts, which say what to run, have it too.
  package var commandLineMessage: String { text.text(calling: \.commandLine) }

  /// The same, and the code in parentheses.
  package var commandLineDescription: String { "\(commandLineMessage) (\(code))" }
}

extension TapestryError.Remedy {
  /// The command or the option: `tapestry repair`.
  package var commandLine: String {
    switch self {
    case .repair: "tapestry repair"
    case .adopt(let statePath): "tapestry \(statePath.map { "--state \($0) " } ?? "")repair --adopt"
    case .cleanup: "tapestry cleanup"
    case .listNetworks: "tapestry network ls"
    case .createNetwork(let name): "tapestry network create\(name.map { " \($0)" } ?? "")"
    case .listAttachments: "tapestry ls"
    case .inspect(let vm): "tapestry inspect \(vm)"
    case .detach(let vm, let interface): "tapestry detach \(vm) --interface \(interface)"
    case .detachAll(let network): "tapestry detach --all --network \(network)"
    case .update(let vm): "tapestry policy set \(vm)"
    case .publish: "tapestry publish"
    case .unpublish: "tapestry unpublish"
    case .useState: "--state, TAPESTRY_STATE"
    case .set(let setting): setting.option
    }
  }
}

extension TapestryError.Setting {
  fileprivate var option: String {
    switch self {
    case .statePath: "--state"
    case .mode: "--mode"
    case .subnet: "--subnet"
    case .subnet6: "--subnet6"
    case .nat6: "--nat6 and --no-nat6"
    case .bridge: "--bridge"
    case .snapshot: "--guest-…"
    case .snapshotAddress: "--guest-ip"
    case .snapshotMAC: "--guest-mac"
    case .allowsInterVM: "--allow-inter-vm"
    case .hostAccess: "--host-access"
    case .nameServer: "--dns-server"
    case .pid: "--pid"
    case .interfaceID: "--interface"
    case .allow: "--allow"
    case .reach: "--egress"
    case .rateLimit: "--rate-limit"
    }
  }
}
