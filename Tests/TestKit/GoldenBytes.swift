public import Testing

/// Bytes written in hex: white space may stand between any two, and `//` begins a comment to the end of the line.
public func golden(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
  var bytes: [UInt8] = []
  for line in text.split(separator: "\n") {
    for word in (line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line).split(separator: " ") {
      bytes.append(try #require(UInt8(word, radix: 16), "not a byte: \(word)", sourceLocation: sourceLocation))
    }
  }
  return bytes
}
