import ArgumentParser
import Tapestry

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Examine the host for problems that break guest networking, now or later.",
    discussion: """
      Checks kernel features, by attaching a guest of each mode in a temporary network namespace; forwarding; other \
      firewalls that drop forwarded packets, and whether they accept the networks' packets; overlapping subnets; the \
      uplink and its MTU; and kernel tables that fill up. Each line says what to do. Changes nothing.

      Exit status: 0 if there is no problem, 2 otherwise. As JSON: an array of \
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
