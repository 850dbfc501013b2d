import Glibc
import Tapestry

/// What the attachments of one run took, and the floor's TAPs, each in turn with the other.
private struct Turns {
  var floor: [Duration] = []
  var library: [Duration] = []

  /// Does both, the one first and the next time the other.
  ///
  /// - Parameter rest: how long the kernel is left alone before each, in microseconds.
  mutating func take<E: Error>(
    _ number: Int, rest: Range<UInt32>? = nil, floor: () throws(E) -> Void, library: () throws(E) -> Void
  ) throws(E) {
    func measure(_ body: () throws(E) -> Void) throws(E) -> Duration {
      if let rest { usleep(.random(in: rest)) }
      return try time(body)
    }
    if number % 2 == 0 { self.floor.append(try measure(floor)) }
    self.library.append(try measure(library))
    if number % 2 != 0 { self.floor.append(try measure(floor)) }
  }
}

extension Benchmark {
  /// Deletions wait for the kernel's timer ticks, and for grace periods that an earlier change has begun: each is
  /// measured on a kernel that has done with the one before, from a moment of its own.
  private static let restOfDeletion: Range<UInt32> = 30_000..<38_000

  /// Attach and detach through the library, in this process.
  func measureLibrary(_ site: Site) throws(TapestryError) -> [Report.Section] {
    var taps: [Floor.Tap] = []
    for number in 0..<guests { taps.append(try site.floor.tap(number)) }
    var attaches: [Turns] = []
    var single = Turns()
    var all = Turns()
    // What the first of a process pays for: the tables, statements that are prepared, pages that are touched.
    _ = try site.engine.attach(site.request(0))
    _ = try site.engine.detachAll(network: site.network.name.rawValue)

    let rounds = max(3, min(9, 900 / guests))
    for round in 0..<rounds {
      var turns = Turns()
      for number in 0..<guests {
        try progress("attach", round * guests + number, rounds * guests)
        try turns.take(number) { () throws(TapestryError) in
          try site.floor.make(&taps[number])
        } library: { () throws(TapestryError) in
          _ = try site.engine.attach(site.request(number))
        }
      }
      attaches.append(turns)
      if round == 0 { single = try measureSingleDetach(site, &taps) }
      try progress("detach all", round, rounds)
      try all.take(round, rest: Self.restOfDeletion) { () throws(TapestryError) in
        try site.floor.deleteAll()
      } library: { () throws(TapestryError) in
        _ = try site.engine.detachAll(network: site.network.name.rawValue)
      }
    }
    return [attachSection(attaches), detachSection(single), detachAllSection(all)]
  }

  /// One by one, from the last; and back again.
  private func measureSingleDetach(_ site: Site, _ taps: inout [Floor.Tap]) throws(TapestryError) -> Turns {
    var turns = Turns()
    let numbers = (0..<guests).suffix(100)
    for (turn, number) in numbers.enumerated() {
      try progress("detach", turn, numbers.count)
      try turns.take(turn, rest: Self.restOfDeletion) { () throws(TapestryError) in
        try site.floor.delete(taps[number])
      } library: { () throws(TapestryError) in
        _ = try site.engine.detach(vmID: site.request(number).vmID, interfaceID: nil)
      }
    }
    for number in numbers {
      try site.floor.make(&taps[number])
      _ = try site.engine.attach(site.request(number))
    }
    return turns
  }

  // MARK: Sections

  private func attachSection(_ rounds: [Turns]) -> Report.Section {
    let floor = rounds.flatMap(\.floor)
    let library = rounds.flatMap(\.library)
    var section = Report.Section(name: "attach", title: "attach, in process")
    section.add("floor", floor)
    section.add("library", library, ratio: .init(library, to: floor, "floor"))
    // Around the tenth, and the last; of many, enough that a pause of the machine's weighs little.
    let width = max(1, min(guests / 5, max(20, guests / 50)))
    let first = rounds.flatMap { $0.library.prefix(width) }
    let last = rounds.flatMap { $0.library.suffix(width) }
    section.add("guests 1 to \(width)", first)
    section.add(
      "guests \(guests - width + 1) to \(guests)", last, ratio: .init(last, to: first, "guests 1 to \(width)"))
    let (firstFloor, lastFloor) = (rounds.flatMap { $0.floor.prefix(width) }, rounds.flatMap { $0.floor.suffix(width) })
    section.add("floor 1 to \(width)", firstFloor)
    section.add(
      "floor \(guests - width + 1) to \(guests)", lastFloor,
      ratio: .init(lastFloor, to: firstFloor, "floor 1 to \(width)"))
    return section
  }

  private func detachSection(_ turns: Turns) -> Report.Section {
    var section = Report.Section(name: "detach", title: "detach one, in process")
    section.add("floor", turns.floor)
    section.add("library", turns.library, ratio: .init(turns.library, to: turns.floor, "floor"))
    return section
  }

  private func detachAllSection(_ turns: Turns) -> Report.Section {
    var section = Report.Section(name: "detachAll", title: "detach \(guests) at once, in process")
    section.add("floor", turns.floor)
    section.add("library", turns.library, ratio: .init(turns.library, to: turns.floor, "floor"))
    return section
  }
}
