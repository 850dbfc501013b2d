extension Decoder {
  /// Decodes a single string and makes a value of it; an error of `parse` becomes a `DecodingError.dataCorrupted`.
  func singleString<Value, Failure: Error & CustomStringConvertible>(
    _ parse: (String) throws(Failure) -> Value
  ) throws -> Value {
    let container = try singleValueContainer()
    let text = try container.decode(String.self)
    do throws(Failure) {
      return try parse(text)
    } catch {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: container.codingPath, debugDescription: error.description, underlyingError: error))
    }
  }
}

extension Encoder {
  /// Encodes `value` as the single string that it prints as.
  func encodeSingleString(_ value: some CustomStringConvertible) throws {
    var container = singleValueContainer()
    try container.encode(value.description)
  }
}
