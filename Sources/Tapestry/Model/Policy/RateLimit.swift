/// The rate limits of an attachment, for sending and receiving.
public struct RateLimit: Hashable, Sendable {
  /// From the guest, in bits per second; nil: no limit.
  public var transmit: UInt64?
  /// To the guest, in bits per second; nil: no limit.
  public var receive: UInt64?
  /// From the guest, in packets per second; nil: no limit.
  public var transmitPackets: UInt64?

  /// Creates rate limits. Without arguments there is no limit.
  public init(transmit: UInt64? = nil, receive: UInt64? = nil, transmitPackets: UInt64? = nil) {
    self.transmit = transmit
    self.receive = receive
    self.transmitPackets = transmitPackets
  }

  /// Whether there is no limit.
  public var isEmpty: Bool { self == RateLimit() }

  var transmitBytes: UInt64? { transmit.map { $0 / 8 } }
  var limitsTransmission: Bool { transmit != nil || transmitPackets != nil }
  var receiveBytes: UInt64? { receive.map { $0 / 8 } }

  /// In bits per second. At lower rates, a single large packet takes seconds; higher rates overflow the kernel's
  /// arithmetic.
  public static let bitRates: ClosedRange<UInt64> = 64_000...1_000_000_000_000
  /// In packets per second.
  public static let packetRates: ClosedRange<UInt64> = 10...1_000_000_000

  /// - Throws: `INVALID_RATE`.
  func validate() throws(TapestryError) {
    for rate in [transmit, receive].compactMap(\.self) where !Self.bitRates.contains(rate) {
      throw TapestryError(
        .invalidRate, "Invalid rate \(Self.text(rate)): expected \(Self.bitRates.lowerBound / 1000)kbit to 1000gbit")
    }
    if let transmitPackets, !Self.packetRates.contains(transmitPackets) {
      throw TapestryError(
        .invalidRate, "Invalid rate of \(transmitPackets) packets per second: expected 10 to 1000000000")
    }
  }
}

extension RateLimit: CustomStringConvertible {
  /// `tx=100mbit,rx=50mbit,tx-packets=10000`.
  public var description: String {
    [
      transmit.map { "tx=\(Self.text($0))" }, receive.map { "rx=\(Self.text($0))" },
      transmitPackets.map { "tx-packets=\($0)" },
    ].compactMap(\.self).joined(separator: ",")
  }

  /// Parses one or more of `tx=RATE`, `rx=RATE` and `tx-packets=NUMBER`, separated by commas. A rate is a number followed
  /// by `bit`, `kbit`, `mbit` or `gbit` per second, in powers of 1000.
  /// - Throws: `INVALID_RATE`.
  public init(parsing text: String) throws(TapestryError) {
    self.init()
    for field in try Self.fields(text) { try set(field.name, to: field.word, text) }
  }

  /// Changes the limits that the text names, in the syntax of `init(parsing:)`. `none` in place of a rate or number clears that
  /// limit; `none` alone clears all.
  /// - Throws: `INVALID_RATE`.
  public mutating func change(by text: String) throws(TapestryError) {
    guard text != "none" else {
      self = RateLimit()
      return
    }
    for (name, word) in try Self.fields(text) { try set(name, to: word == "none" ? nil : word, text) }
  }

  /// - Parameter word: nil clears the limit.
  private mutating func set(_ name: String, to word: String?, _ text: String) throws(TapestryError) {
    switch name {
    case "tx": transmit = try word.map { word throws(TapestryError) in try Self.rate(word, text) }
    case "rx": receive = try word.map { word throws(TapestryError) in try Self.rate(word, text) }
    case "tx-packets":
      transmitPackets = word.flatMap { UInt64(decimal: $0) }
      if let word, transmitPackets == nil { throw Self.invalid(text, "'\(word)' is not a number of packets") }
    default: throw Self.invalid(text, "'\(name)' is not a limit")
    }
  }

  private static func fields(_ text: String) throws(TapestryError) -> [(name: String, word: String)] {
    var fields: [(name: String, word: String)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard words.count == 2 else { throw invalid(text, "'\(part)' is not a limit") }
      guard !fields.contains(where: { $0.name == words[0] }) else {
        throw invalid(text, "'\(words[0])' is given twice")
      }
      fields.append((words[0], words[1]))
    }
    return fields
  }

  private static let units: [(name: String, bits: UInt64)] = [
    ("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1000), ("bit", 1),
  ]

  private static func text(_ rate: UInt64) -> String {
    let unit = units.first { rate.isMultiple(of: $0.bits) } ?? ("bit", 1)
    return "\(rate / unit.bits)\(unit.name)"
  }

  private static func rate(_ word: String, _ text: String) throws(TapestryError) -> UInt64 {
    guard let unit = units.first(where: { word.hasSuffix($0.name) }),
      let number = UInt64(decimal: word.dropLast(unit.name.count)),
      case let (rate, overflow) = number.multipliedReportingOverflow(by: unit.bits), !overflow
    else { throw invalid(text, "'\(word)' is not a rate") }
    return rate
  }

  private static func invalid(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(
      .invalidRate,
      "Invalid rate limit '\(text)': \(reason). Expected one or more of tx=RATE, rx=RATE and tx-packets=NUMBER, separated "
        + "by commas, where RATE is a number followed by bit, kbit, mbit or gbit")
  }
}

extension RateLimit: Codable {
  private enum CodingKeys: String, CodingKey {
    case transmit = "txBits"
    case receive = "rxBits"
    case transmitPackets = "txPackets"
  }
}
