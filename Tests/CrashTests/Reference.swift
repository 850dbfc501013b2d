import Synchronization

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
  /// The shortest of a few: on a busy machine a dump is interrupted now and then, and read again.
  var trace: CallTrace

  private static let known = Mutex<[String: Task<Reference, any Error>]>([:])

  /// Both campaigns ask for the same one.
  static func of(_ scenario: Scenario) async throws -> Reference {
    let task = known.withLock { known in
      if let task = known[scenario.name] { return task }
      let task = Task { try await Reference(scenario) }
      known[scenario.name] = task
      return task
    }
    return try await task.value
  }

  private init(_ scenario: Scenario) async throws {
    var shortest: CallTrace
    (initial, before, after, shortest) = try await CrashRig.use { rig in
      let initial = try await rig.world()
      try await rig.script(scenario.preparation)
      let before = try await rig.world()
      let trace = try await rig.trace(scenario.arguments, following: scenario.isFollowed)
      return (initial, before, try await rig.world(), trace)
    }
    for _ in 0..<2 {
      let other = try await CrashRig.use { rig in
        try await rig.script(scenario.preparation)
        return try await rig.trace(scenario.arguments, following: scenario.isFollowed)
      }
      if other.points.count < shortest.points.count { shortest = other }
    }
    trace = shortest
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
