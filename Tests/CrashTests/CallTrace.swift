import TestKit

/// The system calls of a run, in their order, as `strace -f` saw them.
struct CallTrace: Sendable {
  let points: [CallPoint]
  /// Where the program itself begins, after the dynamic loader and the runtime: its first call about the state file.
  let ownStart: Int
  let processes: Int

  init(parsing text: String, statePath: String) {
    var points: [CallPoint] = []
    var counts: [String: Int] = [:]
    var ownStart: Int?
    var processes: Set<Substring> = []
    for line in text.split(separator: "\n") {
      // `1234  openat(AT_FDCWD, …`, without the number where one process alone is traced; not `1234  --- SIGCHLD …` nor `1234  +++ exited …`.
      let digits = line.prefix { $0.isNumber }
      let rest = line.dropFirst(digits.count).drop { $0 == " " }
      guard let parenthesis = rest.firstIndex(of: "("), parenthesis > rest.startIndex else { continue }
      let call = rest[..<parenthesis]
      guard call.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
      processes.insert(digits)
      // execve names the program's arguments.
      if ownStart == nil, call != "execve", line.contains(statePath) { ownStart = points.count }
      counts[String(call), default: 0] += 1
      points.append(
        CallPoint(
          call: String(call), occurrence: counts[String(call), default: 0],
          isSharedMapping: call == "mmap" && line.contains("MAP_SHARED,")))
    }
    self.points = points
    self.ownStart = ownStart ?? points.count
    self.processes = processes.count
  }

  /// One more of each call than the run made: points that a run completes without reaching.
  var beyond: [CallPoint] {
    var last: [String: Int] = [:]
    for point in points { last[point.call] = point.occurrence }
    return last.sorted { $0.key < $1.key }.map { CallPoint(call: $0.key, occurrence: $0.value + 1) }
  }

  /// A sample of `count` points: a few from before the program's own begin, the others spread evenly over the rest.
  func sample(_ count: Int, using generator: inout SeededGenerator) -> [CallPoint] {
    let own = points.count - ownStart
    let early = min(ownStart, own == 0 ? count : max(1, count / 12))
    return Self.spread(early, over: 0..<ownStart, &generator).map { points[$0] }
      + Self.spread(min(own, count - early), over: ownStart..<points.count, &generator).map { points[$0] }
  }

  /// One number from each of `count` equal parts of `range`.
  static func spread(_ count: Int, over range: Range<Int>, _ generator: inout SeededGenerator) -> [Int] {
    (0..<count).map { part in
      let low = range.lowerBound + range.count * part / count
      let high = range.lowerBound + range.count * (part + 1) / count
      return Int.random(in: low..<max(high, low + 1), using: &generator)
    }
  }
}
