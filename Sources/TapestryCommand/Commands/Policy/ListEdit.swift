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

  /// - Throws: `INVALID_POLICY` for what is to be removed and is not there.
  func apply(_ verb: ListVerb, to list: inout [Element], called name: String) throws(TapestryError) {
    switch verb {
    case .set: list = named.flatMap(\.values)
    case .add: for value in named.flatMap(\.values) where !list.contains(value) { list.append(value) }
    case .remove:
      for (text, values) in named {
        guard list.contains(where: values.contains) else {
          throw TapestryError(
            .invalidPolicy, "'\(text)' is not there to be removed from \(name). See 'tapestry policy show'.")
        }
        list.removeAll(where: values.contains)
      }
    }
  }
}
