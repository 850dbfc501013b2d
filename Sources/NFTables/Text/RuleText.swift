/// Writes a rule as nft(8) would. It tracks what the expressions load into the registers. An expression for which nft has no
/// syntax, such as one of a newer kernel, is written as its name in brackets.
struct RuleText {
  /// The content of a register.
  private enum Content {
    case field(Field)
    /// The first bytes of a field.
    case prefix(Field, bytes: Int)
    case masked(Field, mask: [UInt8], xor: [UInt8])
    case constant([UInt8])
    case text(String)

    var size: Int {
      switch self {
      case .field(let field), .masked(let field, _, _): field.type.size
      case .prefix(_, let bytes): bytes
      case .constant(let bytes): bytes.count
      // A map's data, whose size is unknown.
      case .text: 64
      }
    }
  }

  private(set) var words: [String] = []
  private var contents: [UInt8: Content] = [:]
  /// The requirements that the comparisons so far have shown to be met.
  private var established: Set<Requirement> = []
  private let family: Family

  init(_ rule: Rule) {
    family = rule.chain.table.family
    for expression in rule.expressions { add(expression.kind) }
    if let comment = rule.comment { words.append("comment \"\(comment)\"") }
  }

  private mutating func add(_ kind: Expression.Kind) {
    switch kind {
    case .payload(let payload):
      access(.payload(payload.base, offset: payload.offset, length: payload.length), payload.access)
    case .meta(let meta): access(.meta(meta.key), meta.access)
    case .ct(let ct): access(.ct(ct.key, ct.direction), ct.access)
    case .route(let route): contents[route.destination.slot] = .field(field(.route(route.key)))
    case .byteOrder(let order): contents[order.destination.slot] = contents[order.source.slot]
    case .extensionHeader(let header): access(header)
    case .fib(let fib): contents[fib.destination.slot] = .field(field(.fib(fib.result, fib.flags)))
    case .immediate(.value(let bytes, let register)): contents[register.slot] = .constant(bytes)
    case .immediate(.verdict(let verdict)): words.append("\(verdict)")
    case .cmp(let comparison): compare(comparison)
    case .range(let range): compare(range)
    case .bitwise(let bitwise): mask(bitwise)
    case .lookup(let lookup): look(lookup)
    case .nat(let nat): translate(nat)
    case .masquerade(let masquerade):
      words.append("masquerade" + ports(masquerade.port, masquerade.lastPort) + masquerade.flags.text)
    case .redirect(let redirect):
      words.append("redirect" + ports(redirect.port, redirect.lastPort) + redirect.flags.text)
    case .object(let reference): use(reference)
    case .dynamicSet(let change): self.change(change)
    case .counter(let counter): words.append(counter.text)
    case .connectionLimit(let limit): words.append(limit.text)
    case .limit(let limit): words.append(limit.text)
    case .log(let log): words.append(log.text)
    case .reject(let reject): words.append(reject.text)
    case .other(let name, _): words.append("[\(name)]")
    }
  }

  // MARK: Fields

  private mutating func access(_ source: Field.Source, _ access: Access) {
    switch access {
    case .load(let register):
      if let (field, bytes) = prefixField(source) {
        contents[register.slot] = .prefix(field, bytes: bytes)
      } else {
        contents[register.slot] = .field(field(source))
      }
    case .store(let register):
      let field = field(source)
      words.append("\(field) set \(value(at: register, as: field.type))")
    }
  }

  private mutating func access(_ header: ExtensionHeader) {
    switch header.access {
    case .load(let register): contents[register.slot] = header.source.map { .field(field($0)) } ?? .text(header.text)
    case .store(let register): words.append("\(header.text) set \(value(at: register, as: nil))")
    }
  }

  /// The named field of a source. If several fields have the same source, the one that fits the packet.
  private func field(_ source: Field.Source) -> Field {
    let candidates = Field.named.filter { $0.source.hasSameLocation(as: source) }
    return candidates.first(where: fits) ?? candidates.first ?? Field.unnamed(source)
  }

  private func fits(_ field: Field) -> Bool {
    field.requirements.allSatisfy { established.contains($0) || $0.isImplied(by: family) }
  }

  /// For a load of fewer bytes than an address has, returns the address field: the rule compares it with a prefix.
  private func prefixField(_ source: Field.Source) -> (Field, Int)? {
    guard case .payload(let base, let offset, let length, _) = source,
      !Field.named.contains(where: { $0.source.hasSameLocation(as: source) })
    else { return nil }
    let whole = Field.named.first {
      guard case .payload(base, offset, let all, _) = $0.source else { return false }
      return all > length && [.ipv4Address, .ipv6Address].contains($0.type) && fits($0)
    }
    return whole.map { ($0, Int(length)) }
  }

  // MARK: Comparisons

  private mutating func compare(_ comparison: Comparison) {
    let symbol = comparison.operation.symbol
    let value = comparison.value
    switch contents[comparison.source.slot] {
    case .field(let field)?:
      if comparison.operation == .equal, let fact = Requirement.established(by: field, equal: value) {
        established.formUnion(fact.consequences)
      }
      words.append("\(field)\(symbol) \(Datum(field.type, bytes: value))")
    case .prefix(let field, let bytes)?:
      let address = value + [UInt8](repeating: 0, count: max(0, field.type.size - value.count))
      words.append("\(field)\(symbol) \(Datum(field.type, bytes: address))/\(bytes * 8)")
    case .masked(let field, [0xff, 0xf8], _)? where field == .fragmentOffset && value.count == 2:
      words.append("\(field)\(symbol) \((UInt16(value[0]) << 8 | UInt16(value[1])) >> 3)")
    case .masked(let field, let mask, let xor)?:
      let bits = Datum(field.type, bytes: mask)
      if comparison.operation == .notEqual, !field.type.isInteger, (value + xor).allSatisfy({ $0 == 0 }) {
        words.append("\(field) \(bits)")
      } else if let length = mask.prefixLength, !field.type.isInteger,
        comparison.operation == .equal || comparison.operation == .notEqual
      {
        words.append("\(field)\(symbol) \(Datum(field.type, bytes: value))/\(length)")
      } else {
        words.append("\(field) & \(bits)\(symbol.isEmpty ? " ==" : symbol) \(Datum(field.type, bytes: value))")
      }
    case .constant, .text, nil: words.append("[cmp]")
    }
  }

  private mutating func compare(_ range: Expression.Range) {
    guard case .field(let field)? = contents[range.source.slot] else {
      words.append("[range]")
      return
    }
    let (first, last) = (Datum(field.type, bytes: range.first), Datum(field.type, bytes: range.last))
    words.append("\(field)\(range.isInverted ? " !=" : "") \(first)-\(last)")
  }

  private mutating func mask(_ bitwise: Bitwise) {
    guard case .field(let field)? = contents[bitwise.source.slot] else {
      words.append("[bitwise]")
      return
    }
    contents[bitwise.destination.slot] = .masked(field, mask: bitwise.mask, xor: bitwise.xor)
  }

  // MARK: Sets and values

  private mutating func look(_ lookup: Lookup) {
    let key = keyText(from: lookup.key)
    switch lookup.result {
    case .none: words.append("\(key)\(lookup.isInverted ? " !=" : "") @\(lookup.set)")
    case .verdict: words.append("\(key) vmap @\(lookup.set)")
    case .register(let register): contents[register.slot] = .text("\(key) map @\(lookup.set)")
    }
    // A key is in consecutive registers, so a later key must not find the rest of this one.
    if case .register(let register) = lookup.result {
      contents = contents.filter { $0.key == register.slot }
    } else {
      contents = [:]
    }
  }

  private mutating func change(_ change: DynamicSet) {
    let timeout = change.timeout.map { " timeout \($0)ms" } ?? ""
    let meter = change.meter.map { " \($0.text)" } ?? ""
    words.append("\(change.operation) @\(change.set) { \(keyText(from: change.key))\(timeout)\(meter) }")
    contents = [:]
  }

  private mutating func use(_ reference: ObjectReference) {
    switch reference {
    case .named(let name, let type): words.append("\(type) name \"\(name)\"")
    case .map(let set, let key):
      // The rule does not contain the type of the map's objects. nft accepts any object keyword here.
      words.append("limit name \(keyText(from: key)) map @\(set)")
      contents = [:]
    }
  }

  private func keyText(from first: Register) -> String {
    var parts: [String] = []
    var register = first
    while let content = contents[register.slot] {
      parts.append(value(at: register, as: nil))
      // An empty value, which the kernel refuses, still takes a register.
      register = register.advanced(byBytes: max(content.size, 1))
    }
    return parts.joined(separator: " . ")
  }

  private func value(at register: Register, as type: DataType?) -> String {
    switch contents[register.slot] {
    case .field(let field)?: return field.description
    case .prefix(let field, _)?: return field.description
    case .masked(let field, let mask, let xor)?:
      let flips = xor.allSatisfy { $0 == 0 } ? "" : " ^ \(Datum(field.type, bytes: xor))"
      return "\(field) & \(Datum(field.type, bytes: mask))\(flips)"
    case .constant(let bytes)?: return Datum(type ?? .unknown(0, size: bytes.count), bytes: bytes).description
    case .text(let text)?: return text
    case nil: return "[register \(register.slot)]"
    }
  }

  // MARK: Address translation

  private mutating func translate(_ nat: NAT) {
    var text = "\(nat.kind == .destination ? "dnat" : "snat") \(nat.family)"
    if let address = nat.address {
      let type: DataType = nat.family == .ip6 ? .ipv6Address : .ipv4Address
      text += " to " + value(at: address, as: type)
      if let last = nat.lastAddress { text += "-" + value(at: last, as: type) }
      // If a map gives both the address and the port, its text stands for both.
      if case .text? = contents[address.slot] { return words.append(text + nat.flags.text) }
    }
    if let port = nat.port {
      text += (nat.address == nil ? " to :" : ":") + value(at: port, as: .inetService)
      if let last = nat.lastPort { text += "-" + value(at: last, as: .inetService) }
    }
    words.append(text + nat.flags.text)
  }

  private func ports(_ first: Register?, _ last: Register?) -> String {
    guard let first else { return "" }
    let end = last.map { "-" + value(at: $0, as: .inetService) } ?? ""
    return " to :" + value(at: first, as: .inetService) + end
  }
}

extension Rule: CustomStringConvertible {
  /// The rule as nft(8) writes it, without its chain: `meta iifname @taps jump from_guest`.
  public var description: String { RuleText(self).words.joined(separator: " ") }
}
