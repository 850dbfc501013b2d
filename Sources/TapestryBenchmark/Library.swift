import Glibc
import Tapestry

/// The times of a run's attachments and of the floor's TAPs, measured alternately.
private struct PairedSamples {
  var floor: [Duration] = []
  var library: [Duration] = []

  /// Measures both. Even numbers measure the floor first, odd numbers the library.
  ///
  /// - Parameter pause: the idle time before each measurement, in microseconds.
  mutating func measure(
    _ number: Int, pause: Range<UInt32>? = nil, floor: () throws -> Void, library: () throws -> Void
  ) throws {
    func sample(_ body: () throws -> Void) throws -> Duration {
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
  func measureLibrary(_ testbed: Testbed) throws -> [Report.Section] {
    var taps = try (0..<guests).map(testbed.floor.tap)
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
        try samples.measure(number) {
          try testbed.floor.make(&taps[number])
        } library: {
          _ = try testbed.engine.attach(testbed.request(number))
        }
      }
      attaches.append(samples)
      if round == 0 { single = try measureSingleDetach(testbed, &taps) }
      try progress("detach all", round, rounds)
      try testbed.floor.gather(taps)
      try all.measure(round, pause: Self.pauseBeforeDeletion) {
        try testbed.floor.deleteAll()
      } library: {
        _ = try testbed.engine.detachAll(network: testbed.network.name)
      }
    }
    return [
      attachSection(attaches), section("detach", "detach one, in process", single),
      section("detachAll", "detach \(guests) at once, in process", all),
    ]
  }

  /// Measures detaching the last 100 guests one by one, then attaches them again.
  private func measureSingleDetach(_ testbed: Testbed, _ taps: inout [EncodedTap]) throws -> PairedSamples {
    var samples = PairedSamples()
    let numbers = (0..<guests).suffix(100)
    for (turn, number) in numbers.enumerated() {
      try progress("detach", turn, numbers.count)
      try samples.measure(turn, pause: Self.pauseBeforeDeletion) {
        try testbed.floor.delete(taps[number])
      } library: {
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

  private func section(_ name: String, _ title: String, _ samples: PairedSamples) -> Report.Section {
    var section = Report.Section(name: name, title: title)
    section.add("floor", samples.floor)
    section.add("library", samples.library, to: samples.floor, "floor")
    return section
  }

  private func attachSection(_ rounds: [PairedSamples]) -> Report.Section {
    let all = PairedSamples(floor: rounds.flatMap(\.floor), library: rounds.flatMap(\.library))
    var section = section("attach", "attach, in process", all)
    // The first and the last guests of each round; with many guests, enough that a stall of the machine matters little.
    let width = max(1, min(guests / 5, max(20, guests / 50)))
    for (word, samples) in [("guests", rounds.map(\.library)), ("floor", rounds.map(\.floor))] {
      let first = samples.flatMap { $0.prefix(width) }
      let last = samples.flatMap { $0.suffix(width) }
      section.add("\(word) 1 to \(width)", first)
      section.add("\(word) \(guests - width + 1) to \(guests)", last, to: first, "\(word) 1 to \(width)")
    }
    return section
  }
}
