extension String {
  /// A ruleset as nft(8) lists it, with the chains of each table in the order of their names: the kernel lists them as they
  /// came.
  public var withSortedChains: String {
    var (lines, chains): ([Substring], [[Substring]]) = ([], [])
    var isInChain = false
    for line in split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("\tchain ") {
        chains.append([])
        isInChain = true
      }
      if isInChain {
        chains[chains.count - 1].append(line)
        isInChain = line != "\t}"
      } else {
        if line == "}" {
          lines += chains.sorted { $0[0] < $1[0] }.joined()
          chains = []
        }
        if !line.isEmpty { lines.append(line) }
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A ruleset as nft(8) lists it, with the elements of each set in an order of their own: some kernels, 6.12 among them, list
  /// those of concatenated ranges as they came.
  public var withSortedElements: String {
    replacing(/elements = \{([^}]*)\}/) { match in
      let elements = match.output.1.split(separator: ",").map { element in
        element.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
      return "elements = { \(elements.sorted().joined(separator: ", ")) }"
    }
  }
}
