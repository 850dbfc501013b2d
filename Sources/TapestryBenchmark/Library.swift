import Glibc
import Tapestry

/// The times of a run's attachments and of the floor's TAPs, measured alternately.
private struct PairedSamples {
  var floor: [Duration] = []
  var library: [Duration] = []

  /// Measures both. Even numbers measure the floor first, odd numbers the library.
  ///
  /// - Parameter pause: the idle time before each measurement, in microseconds.
  mutating func measure<E: Error>(
    _ number: Int, pause: Range<UInt32>? = nil, floor: () throws(E) -> Void, library: () throws(E) -> Void
  ) throws(E) {
    func sample(_ body: () throws(E) -> Void) throws(E) -> Duration {
      if let pause { usleep(.random(in: pause)) }
      return try time(body)
    }
    if number % 2 == 0 { self.floor.append(try sample(floor)) }
    self.library.append(try sample(library))
    if number % 2 != 0 { self.floor.append(try sample(floor)) }
  }
}

extension Benchmark {
  /// The pause before a deletion, in microseconds. Deletions wait for the kernel's timer ticks, and for RCU grace periods
  /// that an earlier change started. The pause lets the kernel finish the one before; its random length avoids a fixed
  /// phase relative to the ticks.
  private static let pauseBeforeDeletion: Range<UInt32> = 30_000..<38_000

  /// Measures attach and detach by the library, in this process.
  func measureLibrary(_ testbed: Testbed) throws(TapestryError) -> [Report.Section] {
    var taps: [Floor.Tap] = []
    for number in 0..<guests { taps.append(try testbed.floor.tap(number)) }
    var attaches: [PairedSamples] = []
    var single = PairedSamples()
    var all = PairedSamples()
    // Warm up. The first attach of a process pays for nftables tables, prepared statements and page faults.
    _ = try testbed.engine.attach(testbed.request(0))
    _ = try testbed.engine.detachAll(network: testbed.network.name)

    let rounds = max(3, min(9, 900 / guests))
    for round in 0..<rounds {
      var samples = PairedSamples()
      for number in 0..<guests {
        try progress("attach", round * guests + number, rounds * guests)
        try samples.measure(number) { () throws(TapestryError) in
          try testbed.floor.make(&taps[number])
        } library: { () throws(TapestryError) in
          _ = try testbed.engine.attach(testbed.request(number))
        }
      }
      attaches.append(samples)
      if round == 0 { single = try measureSingleDetach(testbed, &taps) }
      try progress("detach all", round, rounds)
      try testbed.floor.gather(taps)
      try all.measure(round, pause: Self.pauseBeforeDeletion) { () throws(TapestryError) in
        try testbed.floor.deleteAll()
      } library: { () throws(TapestryError) in
        _ = try testbed.engine.detachAll(network: testbed.network.name)
      }
    }
    return [attachSection(attaches), detachSection(single), detachAllSection(all)]
  }

  /// Measures detaching the last 100 guests one by one, then attaches them again.
  private func measureSingleDetach(_ testbed: Testbed, _ taps: inout [Floor.Tap]) throws(TapestryError) -> PairedSamples
  {
    var samples = PairedSamples()
    let numbers = (0..<guests).suffix(100)
    for (turn, number) in numbers.enumerated() {
      try progress("detach", turn, numbers.count)
      try samples.measure(turn, pause: Self.pauseBeforeDeletion) { () throws(TapestryError) in
        try testbed.floor.delete(taps[number])
      } library: { () throws(TapestryError) in
        _ = try testbed.engine.detach(vmID: testbed.request(number).vmID, interfaceID: nil)
      }
    }
    for number in numbers {
      try testbed.floor.make(&taps[number])
      _ = try testbed.engine.attach(testbed.request(number))
    }
    return samples
  }

  // MARK: Sections

  private func attachSection(_ rounds: [PairedSamples]) -> Report.Section {
    let floor = rounds.flatMap(\.floor)
    let library = rounds.flatMap(\.library)
    var section = Report.Section(name: "attach", title: "attach, in process")
    section.add("floor", floor)
    section.add("library", library, ratio: .init(library, to: floor, "floor"))
    // The first and the last guests of each round; with many guests, enough that a stall of the machine matters little.
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

  private func detachSection(_ samples: PairedSamples) -> Report.Section {
    var section = Report.Section(name: "detach", title: "detach one, in process")
    section.add("floor", samples.floor)
    section.add("library", samples.library, ratio: .init(samples.library, to: samples.floor, "floor"))
    return section
  }

  private func detachAllSection(_ samples: PairedSamples) -> Report.Section {
    var section = Report.Section(name: "detachAll", title: "detach \(guests) at once, in process")
    section.add("floor", samples.floor)
    section.add("library", samples.library, ratio: .init(samples.library, to: samples.floor, "floor"))
    return section
  }
}
