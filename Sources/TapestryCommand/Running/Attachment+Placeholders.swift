import NetTypes
import Tapestry

extension Attachment {
  /// Returns `text` with every `{field}` replaced by the field's value. Other braces stay unchanged.
  func filling(_ text: String) -> String {
    guard text.contains("{") else { return text }
    let values = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
    var filled = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      filled += rest[..<open]
      rest = rest[open...]
      if let close = rest.firstIndex(of: "}"), let value = values[String(rest[rest.index(after: open)..<close])] {
        filled += value
        rest = rest[rest.index(after: close)...]
      } else {
        filled.append(rest.removeFirst())
      }
    }
    return filled + rest
  }
}
