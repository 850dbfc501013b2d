/// A text table. Each column is as wide as its widest cell; two spaces separate columns.
enum TextTable {
  static func lines(_ header: [String], _ rows: [[String]]) -> [String] {
    let table = [header] + rows
    let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
