/// What a scenario is without a fault.
struct Reference: Sendable {
  /// A fresh namespace.
  var initial: World
  /// Prepared.
  var before: World
  /// After the command.
  var after: World
  /// Where `repair` may end after a fault.
  var ends: [World]
  var trace: CallTrace

  init(_ scenario: Scenario) async throws {
    (initial, before, after, trace) = try await CrashRig.use { rig in
      let initial = try await rig.world()
      try await rig.script(scenario.preparation)
      let before = try await rig.world()
      let trace = try await rig.trace(scenario.arguments, following: !scenario.startsVMM)
      return (initial, before, try await rig.world(), trace)
    }
    ends = scenario.isSoundBefore ? [before, after] : [after]
    for script in scenario.otherEnds {
      ends.append(
        try await CrashRig.use { rig in
          try await rig.script(scenario.preparation + "\n" + script)
          return try await rig.world()
        })
    }
  }
}
