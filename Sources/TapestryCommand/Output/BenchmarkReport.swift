import Tapestry
import TapestryBenchmark

extension Report {
  var json: JSON {
    .object([
      ("mode", .string(mode.rawValue)), ("guests", .number(guests)), ("peakMemoryBytes", .number(peakMemory)),
      ("sections", .array(sections.map(\.json))),
    ])
  }

  var lines: [String] {
    var lines = ["mode \(mode.rawValue), \(guests) guest\(guests == 1 ? "" : "s")"]
    for section in sections {
      let rows = section.rows.map { row in
        [row.name] + row.times.percentiles.map { decimal($0.duration.microseconds / section.scale) }
          + [row.ratio.map { "\(decimal($0.value)) x \($0.reference)" } ?? ""]
      }
      let heading = ["\(section.title) (\(section.unit))", "p50", "p90", "p99", "max", "ratio"]
      lines += [""] + TextTable.lines(heading, rows)
    }
    return lines + ["", "peak memory of the process: \(peakMemory >> 20) MiB"]
  }

  private func decimal(_ value: Double) -> String { JSON.decimal(value).text }
}

extension Report.Section {
  fileprivate var json: JSON {
    .object([
      ("name", .string(name)), ("title", .string(title)), ("unit", .string("us")), ("rows", .array(rows.map(\.json))),
    ])
  }

  /// Packets and components are measured in microseconds, the rest in milliseconds.
  private var isSmall: Bool { ["packets", "replies", "beginnings", "components"].contains(name) }
  fileprivate var unit: String { isSmall ? "us" : "ms" }
  fileprivate var scale: Double { isSmall ? 1 : 1000 }
}

extension Report.Row {
  fileprivate var json: JSON {
    let percentiles = times.percentiles.map { (name: $0.name, value: JSON.decimal($0.duration.microseconds)) }
    let comparison: JSON =
      ratio.map { .object([("value", .decimal($0.value)), ("of", .string($0.reference))]) } ?? .null
    return .object(
      [("name", .string(name))] + percentiles + [("samples", .number(times.count)), ("ratio", comparison)])
  }
}

extension Distribution {
  fileprivate var percentiles: [(name: String, duration: Duration)] {
    [("p50", p50), ("p90", p90), ("p99", p99), ("max", maximum)]
  }
}
