import Netlink

/// One parser, or a few of a kind, under bytes from outside: what is done with the bytes, and what must hold whatever
/// they are.
///
/// Two drivers run the same targets: libFuzzer, which looks for bytes that take a way not yet taken (`make fuzz`), and
/// the tests, which replay what it found and mutations of that.
struct FuzzTarget: Sendable {
  /// Also that of the target's folder in `Corpus`.
  var name: String
  /// The longest input that is worth trying, in bytes.
  var longest: Int
  /// Checks what must hold with `hold(_:_:)`, which each driver has its own of.
  var run: @Sendable ([UInt8]) -> Void

  init(_ name: String, longest: Int, _ run: @escaping @Sendable ([UInt8]) -> Void) {
    self.name = name
    self.longest = longest
    self.run = run
  }

  /// The slowest first, so that it does not come last where several run at a time.
  static let all: [FuzzTarget] = [
    .stateFile, .netlink, .links, .addresses, .routes, .neighbors, .qdiscs, .ruleset, .rules, .elements, .conntrack,
    .xtables, .xtables6, .numbers, .names, .policies, .commandLine, .processes, .boundPorts,
  ]
}

extension [UInt8] {
  /// Decodes the bytes as if the kernel had sent them; nil when they are refused.
  func decoded<Value>(_ decode: (RawSpan) throws(DecodingFailure) -> Value?) -> Value? {
    do throws(DecodingFailure) {
      return try unsafe decode(span.bytes)
    } catch {
      hold(!error.description.isEmpty, "a refusal says why")
      return nil
    }
  }

  /// The bytes as text; what is not UTF-8 is U+FFFD.
  var text: String { String(decoding: self, as: UTF8.self) }
}

/// The payload of the message that `body` writes.
func payload(_ body: (inout MessageBuffer) -> Void) -> [UInt8] {
  var buffer = MessageBuffer()
  body(&buffer)
  return buffer.bytes
}

/// Two values that should be one, in all their parts.
func differing<Value>(_ one: Value, _ other: Value?) -> String {
  var text = ""
  dump(one, to: &text)
  dump(other, to: &text)
  return text
}
