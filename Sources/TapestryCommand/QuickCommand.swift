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
    let command: Self? =
      switch name {
      case "version": words.isEmpty ? .version : nil
      case "attach": AttachInvocation(words).map(Self.attach)
      case "detach": DetachInvocation(words).map(Self.detach)
      default: nil
      }
    guard let command else { return nil }
    self = command
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

    /// Takes the value of an option.
    mutating func take(_ name: String) -> String? { take([name]) { $0 } }

    /// Takes the value of an option by its long or short name. One that is given twice, or whose value is not valid, is
    /// not taken, so that `isEmpty` stays false.
    mutating func take<Value>(_ names: [String], reading: (String) -> Value?) -> Value? {
      let given = names.filter { options[$0] != nil }
      guard given.count == 1, let texts = options[given[0]], texts.count == 1, let value = reading(texts[0]) else {
        return nil
      }
      options[given[0]] = nil
      return value
    }

    /// Takes all values of a repeatable option; nil if it is not given.
    mutating func takeAll(_ name: String) -> [String]? { options.removeValue(forKey: name) }
  }
}

extension AttachInvocation {
  fileprivate init?(_ words: QuickCommand.Words) {
    var words = words
    guard let vm = words.takeVM() else { return nil }
    self.init(vm: vm)
    network = words.take("--network") ?? network
    interface = words.take("--interface") ?? interface
    ip = words.take("--ip")
    mac = words.take("--mac")
    settings = SettingsArguments(&words)
    pid = words.take(["--pid"]) { Int32($0) }
    output = words.take(["-o", "--output"]) { AttachmentFormat(rawValue: $0) } ?? output
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
    output = words.take(["-o", "--output"]) { OutputOptions.Format(rawValue: $0) } ?? output
    environment.state = words.take("--state")
    guard words.isEmpty else { return nil }
  }
}
