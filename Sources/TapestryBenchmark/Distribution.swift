/// How long something took, each time it was done.
package struct Distribution: Sendable {
  /// In ascending order; never empty.
  private let samples: [Duration]

  /// nil where nothing was measured.
  init?(_ samples: some Collection<Duration>) {
    guard !samples.isEmpty else { return nil }
    self.samples = samples.sorted()
  }

  package var p50: Duration { percentile(50) }
  package var p90: Duration { percentile(90) }
  package var p99: Duration { percentile(99) }
  package var maximum: Duration { samples[samples.count - 1] }
  package var count: Int { samples.count }

  /// The least sample that so many in a hundred do not exceed: the nearest rank.
  private func percentile(_ percent: Int) -> Duration {
    samples[max(0, (samples.count * percent + 99) / 100 - 1)]
  }
}

extension Duration {
  package var microseconds: Double {
    Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
  }
}

/// How long `body` takes.
func time<E: Error>(_ body: () throws(E) -> Void) throws(E) -> Duration {
  let start = ContinuousClock.now
  try body()
  return ContinuousClock.now - start
}
