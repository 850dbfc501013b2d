/// One setting, as it is written and read: as text, for the state file, and as a member of JSON, whose name follows from that
/// of the text: `allow-inter-vm` and `allowInterVm`.
struct SettingsField<Settings: SettingsFields>: Sendable {
  typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable

  let name: String
  /// `allow inter vm`.
  var nameInWords: String { name.split(separator: "-").joined(separator: " ") }
  /// Whether the kernel's tables have the setting as text, because no rule needs it, or rules have it in another form.
  private(set) var isNoted = false
  /// Whether it is a policy or a limit, which `NetworkManager.update` changes while the guest runs.
  private(set) var isPolicy = false
  /// Returns nil if it is not set, or not written as text.
  private(set) var text: @Sendable (Settings) -> String? = { _ in nil }
  /// - Returns: false if the text is not a value of this setting.
  private(set) var read: @Sendable (String, inout Settings) -> Bool = { _, _ in false }
  private(set) var encode: @Sendable (Settings, inout KeyedEncodingContainer<SettingsKey>) throws -> Void = { _, _ in }
  private(set) var decode: @Sendable (KeyedDecodingContainer<SettingsKey>, inout Settings) throws -> Void = { _, _ in }

  private init(name: String) { self.name = name }

  /// - Parameters:
  ///   - text: returns nil for the default value.
  ///   - read: returns nil for text that is not a value.
  ///   - shown: the value that JSON has.
  init<Value: Codable & Sendable>(
    _ name: String, _ path: Path<Value>, text: @escaping @Sendable (Value) -> String?,
    read: @escaping @Sendable (String) -> Value?, shown: @escaping @Sendable (Value) -> Value = { $0 }
  ) {
    self = .onlyText(name, path, text: text, read: read)
    addJSON(path, isShown: { Settings.showsDefaults || text($0) != nil }, shown: shown)
  }

  /// The same setting, written into the kernel's tables as text, from which `repair --adopt` reads it.
  var noted: SettingsField {
    var field = self
    field.isNoted = true
    return field
  }

  /// The same setting, as a policy or a limit.
  var policy: SettingsField {
    var field = self
    field.isPolicy = true
    return field
  }

  /// A setting that JSON has elsewhere.
  static func onlyText<Value>(
    _ name: String, _ path: Path<Value>, text: @escaping @Sendable (Value) -> String?,
    read: @escaping @Sendable (String) -> Value?
  ) -> SettingsField {
    var field = SettingsField(name: name)
    field.text = { text($0[keyPath: path]) }
    field.read = { word, settings in
      guard let value = read(word) else { return false }
      settings[keyPath: path] = value
      return true
    }
    return field
  }

  /// A setting that the state file has elsewhere.
  static func onlyJSON<Value: Codable & Sendable>(
    _ name: String, _ path: Path<Value>, isShown: @escaping @Sendable (Value) -> Bool
  ) -> SettingsField {
    var field = SettingsField(name: name)
    field.addJSON(path, isShown: isShown) { $0 }
    return field
  }

  private mutating func addJSON<Value: Codable & Sendable>(
    _ path: Path<Value>, isShown: @escaping @Sendable (Value) -> Bool, shown: @escaping @Sendable (Value) -> Value
  ) {
    let key = SettingsKey(name)
    encode = { settings, container in
      let value = settings[keyPath: path]
      if isShown(value) { try container.encode(shown(value), forKey: key) }
    }
    decode = { container, settings in
      if let value = try container.decodeIfPresent(Value.self, forKey: key) { settings[keyPath: path] = value }
    }
  }
}

struct SettingsKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) {
    let words = name.split(separator: "-")
    stringValue = words.dropFirst().reduce(into: String(words[0])) { $0 += $1.prefix(1).uppercased() + $1.dropFirst() }
  }

  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
