/// The commands that run for every VM, parsed without ArgumentParser: `version`, and `attach` and `detach` in their
/// simple forms.
///
/// ArgumentParser handles everything else — help, flags, an unknown or repeated option, a missing or unusual value — so
/// that every message has one source. A test compares the two parsers.
enum QuickCommand: Equatable {
  case version
  case attach(AttachInvocation)
  case detach(DetachInvocation)

  init?(_ arguments: ArraySlice<String>) {
    guard let name = arguments.first, let words = Words(arguments.dropFirst()) else { return nil }
    switch name {
    case "version":
      guard words.isEmpty else { return nil }
      self = .version
    case "attach":
      guard let invocation = AttachInvocation(words) else { return nil }
      self = .attach(invocation)
    case "detach":
      guard let invocation = DetachInvocation(words) else { return nil }
      self = .detach(invocation)
    default: return nil
    }
  }

  func run() -> Int32 {
    switch self {
    case .version: return PrintVersion.print(.text)
    case .attach(let invocation): return invocation.run()
    case .detach(let invocation): return invocation.run()
    }
  }

  /// Positional arguments, and `--option value` pairs.
  struct Words {
    private var positional: [String] = []
    private var options: [String: [String]] = [:]

    init?(_ arguments: ArraySlice<String>) {
      var rest = arguments
      while let word = rest.popFirst() {
        guard word.utf8.first == UInt8(ascii: "-") else {
          positional.append(word)
          continue
        }
        // ArgumentParser handles `--option=value`, groups of short flags, and `--`.
        guard !word.utf8.contains(UInt8(ascii: "=")), let value = rest.popFirst(),
          value.utf8.first != UInt8(ascii: "-")
        else { return nil }
        options[word, default: []].append(value)
      }
    }

    var isEmpty: Bool { positional.isEmpty && options.isEmpty }

    /// Takes the VM if it is the only positional argument.
    mutating func takeVM() -> String? { positional.count == 1 ? positional.removeFirst() : nil }

    /// Takes the value of an option by its long or short name. An option given twice is not taken, so that `isEmpty`
    /// stays false.
    mutating func take(_ names: String...) -> String? {
      let given = names.filter { options[$0] != nil }
      guard given.count == 1, options[given[0]]?.count == 1 else { return nil }
      return options.removeValue(forKey: given[0])?.first
    }

    /// Takes all values of a repeatable option.
    mutating func takeAll(_ name: String) -> [String] { options.removeValue(forKey: name) ?? [] }
  }
}

extension AttachInvocation {
  fileprivate init?(_ words: QuickCommand.Words) {
    var words = words
    guard let vm = words.takeVM() else { return nil }
    self.init(vm: vm)
    if let network = words.take("--network") { self.network = network }
    if let interface = words.take("--interface") { self.interface = interface }
    ip = words.take("--ip")
    mac = words.take("--mac")
    guard let settings = SettingsArguments(&words) else { return nil }
    self.settings = settings
    if let text = words.take("--pid") {
      guard let number = Int32(text) else { return nil }
      pid = number
    }
    if let text = words.take("-o", "--output") {
      guard let format = AttachmentFormat(rawValue: text) else { return nil }
      output = format
    }
    environment.state = words.take("--state")
    guard words.isEmpty else { return nil }
  }
}

extension DetachInvocation {
  fileprivate init?(_ words: QuickCommand.Words) {
    var words = words
    guard let vm = words.takeVM() else { return nil }
    self.init(vm: vm)
    interface = words.take("--interface")
    if let text = words.take("-o", "--output") {
      guard let format = OutputOptions.Format(rawValue: text) else { return nil }
      output = format
    }
    environment.state = words.take("--state")
    guard words.isEmpty else { return nil }
  }
}
