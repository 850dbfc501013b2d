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

  // MARK: Kills

  /// Kills the command, recovers, and looks at what is left.
  func kill(recovery: Recovery) async throws -> Finding {
    try await prepared { bystander, finding in
      let result = try await rig.tapestry(scenario.arguments, under: fault, following: scenario.isFollowed)
      finding.wasHit = result.termination == .signaled(SIGKILL)
      try await rig.script(scenario.settling)
      if !finding.wasHit, result.termination != .exited(0) {
        finding.add(.conduct, "ended with \(result.termination): \(result.stderr)")
      }
      try await look(after: "the kill", at: bystander, &finding)

      switch recovery {
      case .repair:
        try await repair(&finding)
        // A process that has ended is nothing to repair.
        if scenario.mayLeaveEnded { try await rig.script("tapestry gc") }
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
        result = try await rig.tapestry(scenario.arguments, under: fault, following: scenario.isFollowed)
      } catch let timeout as CommandTimeout {
        finding.add(.conduct, "hangs: \(timeout.stderr)")
        return
      }
      finding.wasHit = try rig.hasInjected()
      try await rig.script(scenario.settling)
      var isSound = false
      switch result.termination {
      case .exited(0):
        isSound = try await expect([reference.after], "a success", &finding)
      case .exited(1):
        if result.stderr.isEmpty, fault.mutes { break }
        for text in Refusal.complaints(about: result.stderr, naming: fault.errorName) { finding.add(.conduct, text) }
        // The one call that failed kept nobody from undoing what was begun.
        if case .error = fault.kind { isSound = try await expectNothingHalfMade(result.stderr.trimmed, &finding) }
      default:
        finding.add(.conduct, "ended with \(result.termination): \(result.stderr)")
      }
      try await look(after: "the error", at: bystander, &finding)
      let answer = try await repair(&finding)
      if scenario.mayLeaveEnded { try await rig.script("tapestry gc") }
      if !isSound {
        try await expect(reference.ends, "repair", &finding)
      } else if answer != "nothing to repair\n" {
        finding.add(.drift, "repair of what was sound: \(answer)")
      }
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

  /// - Returns: what it printed.
  @discardableResult
  private func repair(_ finding: inout Finding) async throws -> String {
    var result = try await rig.tapestry(["repair"])
    if result.termination == .exited(1), scenario.codesOfRepair.contains(Refusal(result.stderr)?.code ?? "") {
      result = try await rig.tapestry(scenario.arguments)
    }
    if result.termination != .exited(0) {
      finding.add(.conduct, "repair: \(result.termination): \(result.stderr)")
    }
    return result.stdout
  }

  /// The host must be free of drift, and as in one of `ends`.
  /// - Returns: whether it is.
  @discardableResult
  private func expect(_ ends: [World], _ event: String, _ finding: inout Finding) async throws -> Bool {
    let known = finding.problems.count
    try await finishStateFile()
    let check = try await rig.tapestry(["check"])
    if check.termination != .exited(0) {
      finding.add(.drift, "check after \(event): \(check.termination): \(check.stdout)\(check.stderr)")
    }
    let world = try await rig.world()
    let differences = ends.map { world.difference(from: $0) }
    guard let least = differences.min(by: { $0.count < $1.count }), !least.isEmpty else {
      return finding.problems.count == known
    }
    finding.add(.leak, "after \(event):\n  " + least.prefix(30).joined(separator: "\n  "))
    return false
  }

  /// A state file that was only begun is finished by whatever changes something next.
  private func finishStateFile() async throws { _ = try await rig.tapestry(["detach", "nobody"]) }

  /// What an error says when something is left to do.
  private static let sayings = ["Run the same command again", "run 'tapestry repair' to remove its name server"]

  /// After an error everything must be as it was, or as it should be; or the error says that something is left to do.
  /// - Returns: whether the state is sound.
  private func expectNothingHalfMade(_ error: String, _ finding: inout Finding) async throws -> Bool {
    if !scenario.takesBack, Self.sayings.contains(where: error.contains) { return false }
    if !scenario.isSoundBefore {
      try await finishStateFile()
      if try await rig.world() == reference.before { return false }
    }
    return try await expect(reference.ends, "the error \(error)", &finding)
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
