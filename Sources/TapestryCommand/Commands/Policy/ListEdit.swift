import Tapestry

/// What a command does to the lists that its options name.
enum ListVerb { case set, add, remove }

/// A change of one list: the named entries, each as written and with the elements it stands for. Ports without a
/// protocol stand for two elements, TCP and UDP.
struct ListEdit<Element: Equatable> {
  var named: [(text: String, values: [Element])]

  /// Returns nil if the command does not name the list.
  init?(
    _ verb: ListVerb, _ texts: [String], _ parse: (String) throws(TapestryError) -> [Element]
  ) throws(TapestryError) {
    guard !texts.isEmpty else { return nil }
    named = []
    // `none` means an empty list.
    if verb == .set, texts == ["none"] { return }
    for text in texts { named.append((text, try parse(text))) }
  }

  /// - Returns: the entries to remove that are not in the list. This is not an error, so that an interrupted command can
  ///   be run again.
  func apply(_ verb: ListVerb, to list: inout [Element]) -> Set<String> {
    let values = named.flatMap(\.values)
    switch verb {
    case .set: list = values
    case .add: for value in values where !list.contains(value) { list.append(value) }
    case .remove:
      let absent = named.filter { !list.contains(where: $0.values.contains) }.map(\.text)
      list.removeAll(where: values.contains)
      return Set(absent)
    }
    return []
  }
}
