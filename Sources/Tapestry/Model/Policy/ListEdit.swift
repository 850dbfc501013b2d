/// What happens to the entries of a list that are named.
package enum ListVerb: Sendable { case set, add, remove }

/// A change of a list in settings, from text.
package struct ListEdit<Settings>: Sendable {
  /// Changes the list. Returns the entries to remove that are not in it. They are not an error, so that an interrupted
  /// command can be run again.
  package let apply: @Sendable (inout Settings) -> Set<String>

  /// - Parameters:
  ///   - texts: the entries as written. To set a list, `none` alone means an empty one.
  ///   - parse: returns what an entry stands for. Ports without a protocol stand for two elements, TCP and UDP.
  package init<Element: Equatable & Sendable>(
    _ verb: ListVerb, _ texts: [String], in path: any WritableKeyPath<Settings, [Element]> & Sendable,
    _ parse: (String) throws(TapestryError) -> [Element]
  ) throws(TapestryError) {
    var named: [(text: String, values: [Element])] = []
    if verb != .set || texts != ["none"] {
      for text in texts { named.append((text, try parse(text))) }
    }
    let (entries, values) = (named, named.flatMap(\.values))
    apply = { settings in
      let list = settings[keyPath: path]
      switch verb {
      case .set: settings[keyPath: path] = values
      case .add:
        settings[keyPath: path] = values.reduce(into: list) { list, value in
          if !list.contains(value) { list.append(value) }
        }
      case .remove:
        settings[keyPath: path].removeAll(where: values.contains)
        return Set(entries.filter { !list.contains(where: $0.values.contains) }.map(\.text))
      }
      return []
    }
  }
}
