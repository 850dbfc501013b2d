/// Tables, chains, objects and sets as nft(8) writes them, or close to it.
extension Table {
  var text: String { comment.map { "\(id) { comment \"\($0)\"; }" } ?? id.description }
}

extension Chain {
  var text: String { base.map { "\(id) { \($0.text) }" } ?? id.description }
}

extension Chain.Base {
  var text: String { "type \(kind.rawValue) hook \(hook) priority \(priority); policy \(policy);" }
}

extension StatefulObject {
  var text: String { text(named: id.description) }
  /// The object within the listing of its table.
  var block: String { text(named: name) }

  private func text(named name: String) -> String {
    var parts: [String] = []
    if case .limit(let limit) = kind { parts.append(limit.rateText) }
    if let comment { parts.append("comment \"\(comment)\"") }
    return "\(kind.type) \(name) { \(parts.map { $0 + "; " }.joined())}"
  }
}

extension NamedSet {
  var text: String {
    "\(data == nil ? "set" : "map") \(id) { \(properties.map { $0 + "; " }.joined())}"
  }

  var properties: [String] {
    var parts = ["type \(keyTypes.text)"]
    switch data {
    case .values(let types)?: parts[0] += " : \(types.text)"
    case .verdict?: parts[0] += " : verdict"
    case .objects(let type)?: parts[0] += " : \(type)"
    case nil: break
    }
    if !flags.isEmpty { parts.append("flags \(flags.text)") }
    if let timeout { parts.append("timeout \(timeout)ms") }
    if let size { parts.append("size \(size)") }
    if let comment { parts.append("comment \"\(comment)\"") }
    return parts
  }
}

extension NamedSet.Flags {
  fileprivate var text: String {
    BitNames.text(
      rawValue, [(0x1, "anonymous"), (0x2, "constant"), (0x4, "interval"), (0x10, "timeout"), (0x20, "dynamic")])
  }
}
