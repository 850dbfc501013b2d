/// Settings as one text, for a column of the state file, and as members of JSON: every setting is one of the fields.
protocol SettingsFields: Equatable, Sendable {
  init()

  /// In the order in which they are written. Text with unknown fields, from a file of a newer version, is rejected.
  static var fields: [SettingsField<Self>] { get }
  /// Whether JSON has settings that are not set.
  static var showsDefaults: Bool { get }
}

extension SettingsFields {
  /// `name=value` for each setting that is set, separated by `;`. No value contains a `;`.
  var text: String { text { _ in true } }

  /// The text of the settings that the kernel's tables have as text.
  // Not by a key path: one to a field of a generic type is made anew at each use, which takes 20 us.
  var note: String { text { $0.isNoted } }

  /// The settings that are set, with their names in words, without those of these names.
  func words(without names: [String]) -> [(label: String, value: String)] {
    guard self != Self() else { return [] }
    return Self.fields.compactMap { field in field.text(self).map { (field.nameInWords, $0) } }
      .filter { !names.contains($0.0) }
  }

  private func text(where isIncluded: (SettingsField<Self>) -> Bool) -> String {
    // The usual case, in which an attach needs no fields: making their key paths takes 0.2 ms.
    guard self != Self() else { return "" }
    return Self.fields.filter(isIncluded).compactMap { field in field.text(self).map { "\(field.name)=\($0)" } }
      .joined(separator: ";")
  }

  /// Returns nil if the text is not a valid encoding of settings.
  init?(text: String) {
    self.init()
    guard !text.isEmpty else { return }
    var fields = Self.fields[...]
    for word in text.split(separator: ";", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let index = fields.firstIndex(where: { $0.name == parts[0] }),
        fields[index].read(parts[1], &self)
      else { return nil }
      fields = fields[(index + 1)...]
    }
  }

  /// Reads members of JSON. Those that are missing have their defaults.
  init(members decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: SettingsKey.self)
    for field in Self.fields { try field.decode(values, &self) }
  }

  /// Adds members to JSON.
  func encodeMembers(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: SettingsKey.self)
    for field in Self.fields { try field.encode(self, &values) }
  }
}
