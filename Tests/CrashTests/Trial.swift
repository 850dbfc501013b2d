import Glibc
import Linux
import TestKit

/// One run of a command under a fault, what was done about it, and what was wrong afterwards.
struct Trial: Sendable {
  let scenario: Scenario
  let reference: Reference
  let fault: Fault
  /// As a fresh one, and so again afterwards, unless something was found.
  let rig: CrashRig

  enum Recovery: String, CaseIterable, Sendable {
    case repair
    case again = "the same command"
  }

  struct Finding: Sendable {
    /// Whether the fault came to pass; the run may have made fewer calls than the one that was counted.
    var wasHit = false
    var pings = 0
    var problems: [Problem] = []

    mutating func add(_ kind: Problem.Kind, _ text: String) { problems.append(Problem(kind: kind, text: text)) }
  }

  struct Problem: Sendable {
    enum Kind: Sendable {
      /// Something is there, or missing, that should not be.
      case leak
      /// `check` says so.
      case drift
      /// What a command answered, or a guest's traffic.
      case conduct
    }

    var kind: Kind
    var text: String
  }

  // MARK: Kills

  /// Kills the command, recovers, and looks at what is left.
  func kill(recovery: Recovery) async throws -> Finding {
    try await prepared { bystander, finding in
      let result = try await rig.tapestry(scenario.arguments, under: fault, following: !scenario.startsVMM)
      finding.wasHit = result.termination == .signaled(SIGKILL)
      try await rig.script(scenario.settling)
      if !finding.wasHit, result.termination != .exited(0) {
        finding.add(.conduct, "ended with \(result.termination): \(result.stderr)")
      }
      try await look(after: "the kill", at: bystander, &finding)

      switch recovery {
      case .repair:
        try await repair(&finding)
        try await expect(reference.ends, "repair", &finding)
      case .again:
        let again = try await rig.tapestry(scenario.arguments)
        if !isDone(again) { finding.add(.conduct, "the same command again: \(again.termination): \(again.stderr)") }
        try await expect([reference.after], "the same command again", &finding)
      }
      try await look(after: recovery.rawValue, at: bystander, &finding)
    }
  }

  private func isDone(_ result: CommandResult) -> Bool {
    result.termination == .exited(0)
      || result.termination == .exited(1) && scenario.codesAgain.contains(Refusal(result.stderr)?.code ?? "")
  }

  // MARK: Errors

  /// Has a call of the command fail, and looks at what it says and leaves.
  func fail() async throws -> Finding {
    try await prepared { bystander, finding in
      let result: CommandResult
      do {
        result = try await rig.tapestry(scenario.arguments, under: fault, following: !scenario.startsVMM)
      } catch let timeout as CommandTimeout {
        finding.add(.conduct, "hangs: \(timeout.stderr)")
        return
      }
      finding.wasHit = try rig.hasInjected()
      try await rig.script(scenario.settling)
      switch result.termination {
      case .exited(0):
        try await expect([reference.after], "a success", &finding)
      case .exited(1):
        if result.stderr.isEmpty, fault.mutes { break }
        for text in Refusal.complaints(about: result.stderr, naming: fault.errorName) { finding.add(.conduct, text) }
        // The one call that failed kept nobody from undoing what was begun.
        if case .error = fault.kind { try await expectNothingHalfMade(result.stderr.trimmed, &finding) }
      default:
        finding.add(.conduct, "ended with \(result.termination): \(result.stderr)")
      }
      try await look(after: "the error", at: bystander, &finding)
      try await repair(&finding)
      try await expect(reference.ends, "repair", &finding)
      try await look(after: "repair", at: bystander, &finding)
    }
  }

  // MARK: Parts

  private func prepared(_ body: (Bystander?, inout Finding) async throws -> Void) async throws -> Finding {
    var finding = Finding()
    try await rig.script(scenario.preparation)
    let bystander = scenario.hasBystander ? try await Bystander(rig.namespace) : nil
    try await body(bystander, &finding)
    try await cleanUp(&finding)
    await bystander?.leave()
    rig.removeFiles()
    return finding
  }

  private func look(after event: String, at bystander: Bystander?, _ finding: inout Finding) async throws {
    guard let bystander else { return }
    finding.pings += 1
    if let complaint = try await bystander.complaint() { finding.add(.conduct, "after \(event): \(complaint)") }
  }

  private func repair(_ finding: inout Finding) async throws {
    var result = try await rig.tapestry(["repair"])
    if result.termination == .exited(1), scenario.codesOfRepair.contains(Refusal(result.stderr)?.code ?? "") {
      result = try await rig.tapestry(scenario.arguments)
    }
    guard result.termination != .exited(0) else { return }
    finding.add(.conduct, "repair: \(result.termination): \(result.stderr)")
  }

  /// The host must be free of drift, and as in one of `ends`.
  private func expect(_ ends: [World], _ event: String, _ finding: inout Finding) async throws {
    let check = try await rig.tapestry(["check"])
    if check.termination != .exited(0) {
      finding.add(.drift, "check after \(event): \(check.termination): \(check.stdout)\(check.stderr)")
    }
    let world = try await rig.world()
    let differences = ends.map { world.difference(from: $0) }
    guard let least = differences.min(by: { $0.count < $1.count }), !least.isEmpty else { return }
    finding.add(.leak, "after \(event):\n  " + least.prefix(30).joined(separator: "\n  "))
  }

  /// After an error everything must be as it was, or as it should be; or the error says that something is left to do.
  private func expectNothingHalfMade(_ error: String, _ finding: inout Finding) async throws {
    if !scenario.takesBack, error.contains("What is left ") { return }
    if !scenario.isSoundBefore, try await rig.world() == reference.before { return }
    try await expect(reference.ends, "the error \(error)", &finding)
  }

  /// After `cleanup` the namespace must be as a fresh one.
  private func cleanUp(_ finding: inout Finding) async throws {
    let result = try await rig.tapestry(["cleanup"])
    if result.termination != .exited(0) {
      finding.add(.conduct, "cleanup: \(result.termination): \(result.stderr)")
    }
    try await rig.script(scenario.afterwards)
    let difference = try await rig.world().difference(from: reference.initial)
    if !difference.isEmpty { finding.add(.leak, "after cleanup:\n  " + difference.joined(separator: "\n  ")) }
  }
}

/// `error: MESSAGE (CODE)` on standard error.
struct Refusal: Hashable {
  var message: String
  var code: String

  init?(_ text: String) {
    let text = text.trimmed
    guard text.hasPrefix("error: "), text.last == ")", let open = text.lastIndex(of: "(") else { return nil }
    message = String(text[..<open].dropFirst("error: ".count).dropLast())
    code = String(text[open...].dropFirst().dropLast())
    guard !code.isEmpty, code.allSatisfy({ $0.isUppercase || $0 == "_" }) else { return nil }
  }

  /// What is wrong with an error's text: it must have a code, and name the kernel's answer.
  static func complaints(about text: String, naming errno: String?) -> [String] {
    guard let refusal = Refusal(text) else { return ["not an error of ours: \(text)"] }
    guard let errno, !refusal.message.contains(errno) else { return [] }
    return ["the error does not name \(errno): \(text.trimmed)"]
  }
}

extension String {
  /// Without the newline at its end.
  var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
