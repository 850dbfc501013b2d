/// What the kernel can do, tested by making a guest of each mode.
extension Diagnosis {
  var rehearsal: [Finding] {
    switch facts.rehearsal {
    case .succeeded:
      return [Finding("kernel", .ok, "a guest of each mode was made in a temporary network namespace")]
    case .failed(let failures):
      // If /dev/net/tun is missing, that is one finding, not one for each guest.
      let others = failures.filter { facts.tunFailure == nil || $0.kernelPart != .tap }
      guard !others.isEmpty else {
        return [Finding("kernel", .ok, "a network of each mode was made in a temporary network namespace, but no TAP")]
      }
      return others.map { Finding("kernel", .problem, $0.commandLineMessage, advice: $0.kernelPart.rawValue) }
    case .notHeld(let reason):
      return [
        Finding("kernel", .warning, "the kernel was not tested: \(reason)", advice: "run tapestry doctor as root")
      ]
    }
  }
}

/// The part of the kernel that an error is about. The raw value is the command that loads it.
private enum KernelPart: String {
  case bridge = "modprobe bridge"
  case tap = "modprobe tun"
  case rateLimit = "modprobe sch_tbf"
  case ruleset = "modprobe nf_tables nft_chain_nat"
}

extension TapestryError {
  fileprivate var kernelPart: KernelPart {
    switch code {
    case .bridgeSetupFailed: .bridge
    case .tapCreateFailed: .tap
    case _ where message.contains("sch_tbf"): .rateLimit
    case _ where message.contains("TAP device"): .tap
    default: .ruleset
    }
  }
}
