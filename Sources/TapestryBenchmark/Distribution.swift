/// The durations of a repeated measurement.
package struct Distribution: Sendable {
  /// In ascending order; never empty.
  private let samples: [Duration]

  /// Returns nil if there are no samples.
  init?(_ samples: [Duration]) {
    guard !samples.isEmpty else { return nil }
    self.samples = samples.sorted()
  }

  package var p50: Duration { percentile(50) }
  package var p90: Duration { percentile(90) }
  package var p99: Duration { percentile(99) }
  package var maximum: Duration { samples[samples.count - 1] }
  package var count: Int { samples.count }

  /// The smallest sample that at least `percent` percent of the samples do not exceed: the nearest-rank method.
  private func percentile(_ percent: Int) -> Duration {
    samples[max(0, (samples.count * percent + 99) / 100 - 1)]
  }
}

extension Duration {
  package var microseconds: Double {
    Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
  }
}

/// Returns the time that `body` takes.
func time<E: Error>(_ body: () throws(E) -> Void) throws(E) -> Duration {
  let start = ContinuousClock.now
  try body()
  return ContinuousClock.now - start
}
