/// A text table. Each column is as wide as its widest cell; two spaces separate columns.
enum TextTable {
  static func lines(_ header: [String], _ rows: [[String]]) -> [String] {
    let table = [header] + rows
    let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      var line = zip(row, widths).map { cell, width in cell.padded(to: width + 2) }.joined()
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
