import ArgumentParser
import Tapestry

struct Examine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look the host over: what keeps guests from having a network, or will.",
    discussion: """
      What the kernel can do (a guest of each mode is made in a network namespace of its own, which is gone again); \
      forwarding; other firewalls that drop what is forwarded, and whether the networks get through; subnets that overlap; the uplink and its MTU; tables that \
      fill up. Each line says what to do. Changes nothing.

      Exit status: 0 without a problem, 2 with one. As JSON: an array of \
      {"subject":…,"verdict":"ok"|"warning"|"problem","message":…,"advice":…}.
      """)

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let findings = try Doctor.findings(NetworkManager.Options(statePath: global.environment.statePath))
      switch format.output {
      case .json: Output.standardOutput(JSON.array(findings.map(\.json)).text)
      case .text:
        for finding in findings {
          Output.standardOutput(
            finding.verdict.rawValue.padded(to: 9) + finding.subject.padded(to: 14) + finding.message)
          if let advice = finding.advice { Output.standardOutput(String(repeating: " ", count: 23) + "→ \(advice)") }
        }
      }
      return findings.contains { $0.verdict == .problem } ? ExitStatus.drift : ExitStatus.done
    }
  }
}

extension Finding {
  fileprivate var json: JSON {
    .object([
      ("subject", .string(subject)), ("verdict", .string(verdict.rawValue)), ("message", .string(message)),
      ("advice", advice.map(JSON.string) ?? .null),
    ])
  }
}
