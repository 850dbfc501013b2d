extension String {
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
