/// What came of a trial.
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
