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
    mutating func add(_ name: String, _ samples: some Collection<Duration>, ratio: Ratio? = nil) {
      guard let distribution = Distribution(samples) else { return }
      rows.append(Row(name: name, times: distribution, ratio: ratio))
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
    init?(_ samples: some Collection<Duration>, to other: some Collection<Duration>, _ reference: String) {
      guard let mine = Distribution(samples), let theirs = Distribution(other), theirs.p50 > .zero else { return nil }
      self.init(mine.p50, to: theirs.p50, reference)
    }

    init(_ mine: Duration, to theirs: Duration, _ reference: String) {
      value = mine / theirs
      self.reference = reference
    }
  }
}
