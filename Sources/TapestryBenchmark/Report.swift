package import Tapestry

/// The results of one benchmark run.
package struct Report: Sendable {
  package var mode: Network.Mode
  package var guests: Int
  package var sections: [Section] = []
  /// The process's maximum resident set size, in bytes: getrusage(2).
  package var peakMemory = 0

  /// Rows that are compared with each other.
  package struct Section: Sendable {
    package var name: String
    package var title: String
    package var rows: [Row] = []

    /// Adds a row, unless there are no samples.
    mutating func add(_ name: String, _ samples: [Duration], ratio: Ratio? = nil) {
      guard let distribution = Distribution(samples) else { return }
      rows.append(Row(name: name, times: distribution, ratio: ratio))
    }

    /// Adds a row with its ratio to other samples.
    mutating func add(_ name: String, _ samples: [Duration], to other: [Duration], _ reference: String) {
      add(name, samples, ratio: Ratio(samples, to: other, reference))
    }
  }

  package struct Row: Sendable {
    package var name: String
    package var times: Distribution
    package var ratio: Ratio?
  }

  /// A median divided by the median of a reference.
  package struct Ratio: Sendable {
    package var value: Double
    package var reference: String

    /// Returns nil if there are no samples, or the reference's median is zero.
    init?(_ samples: [Duration], to other: [Duration], _ reference: String) {
      guard let mine = Distribution(samples), let theirs = Distribution(other), theirs.p50 > .zero else { return nil }
      value = mine.p50 / theirs.p50
      self.reference = reference
    }
  }
}
