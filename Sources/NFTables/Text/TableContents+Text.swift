extension TableContents {
  /// Returns the table as `nft list` prints it, or close to it: objects, sets with their elements, then chains with their
  /// rules.
  /// - Parameter purpose: A comment for each chain, printed before it; nil for none.
  public func listing(purpose: (Chain.ID) -> String? = { _ in nil }) -> String {
    var lines = ["table \(table.id) {"]
    if let comment = table.comment { lines.append("\tcomment \"\(comment)\"") }
    for object in objects { lines += ["", "\t\(object.block)"] }
    for set in sets { lines += [""] + block(of: set) }
    for chain in chains {
      lines.append("")
      lines += (purpose(chain.id) ?? "").split(separator: "\n").map { "\t# \($0)" }
      lines.append("\tchain \(chain.id.name) {")
      if let base = chain.base { lines.append("\t\t\(base.text)") }
      lines += rules.filter { $0.chain == chain.id }.map { "\t\t\($0)" }
      lines.append("\t}")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private func block(of set: NamedSet) -> [String] {
    var lines = ["\t\(set.data == nil ? "set" : "map") \(set.id.name) {"] + set.properties.map { "\t\t\($0)" }
    if let elements = elements[set.id.name], !elements.isEmpty {
      let list = elements.map(\.description).joined(separator: ",\n\t\t\t")
      lines.append("\t\telements = {\n\t\t\t\(list)\n\t\t}")
    }
    return lines + ["\t}"]
  }
}
