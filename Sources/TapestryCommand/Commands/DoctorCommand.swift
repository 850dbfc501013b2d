import ArgumentParser
import Tapestry

struct DoctorCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Examine the host for problems that break guest networking, now or later.",
    discussion: """
      Checks kernel features, by attaching a guest of each mode in a temporary network namespace; forwarding; other \
      firewalls that drop forwarded packets, and whether they accept the networks' packets; overlapping subnets; the \
      uplink and its MTU; and kernel tables that fill up. Each line says what to do. Changes nothing.

      Exit status: 0 if there is no problem, 2 otherwise. As JSON: an array of \
      {"subject":…,"network":…,"verdict":"ok"|"warning"|"problem","message":…,"advice":…}.
      """)

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) -> Int32 {
    let findings = try Doctor.findings(NetworkManager.Options(statePath: common.global.environment.statePath))
    format.show(findings, text: findings.flatMap(\.lines))
    return findings.contains { $0.verdict == .problem } ? ExitStatus.drift : ExitStatus.done
  }
}

extension Finding {
  fileprivate var lines: [String] {
    [verdict.rawValue.padded(to: 9) + subject.padded(to: 14) + message]
      + (advice.map { [String(repeating: " ", count: 23) + "→ \($0)"] } ?? [])
  }
}
