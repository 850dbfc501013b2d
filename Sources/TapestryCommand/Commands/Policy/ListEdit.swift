import Tapestry

/// What a command does to the lists that it names.
enum ListVerb { case set, add, remove }

/// A list's change: those that it names, each as it is written with what it stands for. Ports without a protocol stand for
/// two kinds of traffic.
struct ListEdit<Element: Equatable> {
  var named: [(text: String, values: [Element])]

  /// nil where the list is not named.
  init?(
    _ verb: ListVerb, _ texts: [String], _ parse: (String) throws(TapestryError) -> [Element]
  ) throws(TapestryError) {
    guard !texts.isEmpty else { return nil }
    named = []
    // An empty list is named by a word.
    if verb == .set, texts == ["none"] { return }
    for text in texts { named.append((text, try parse(text))) }
  }

  /// - Returns: what was to be removed and is not there. It is no error: the same command again ends what was cut short.
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
