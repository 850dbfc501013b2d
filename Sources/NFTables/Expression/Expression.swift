import CLinux
public import Netlink

/// One step of a rule: loads, compares or changes something, or decides.
public struct Expression: Hashable, Sendable {
  /// What it does. `Kind.other` is an expression that this code does not know, as it was read.
  public enum Kind: Hashable, Sendable {
    case bitwise(Bitwise)
    case byteOrder(ByteOrder)
    case cmp(Comparison)
    case connectionLimit(ConnectionLimit)
    case counter(Counter)
    case ct(ConnectionTracking)
    case dynamicSet(DynamicSet)
    case extensionHeader(ExtensionHeader)
    case fib(RouteLookup)
    case immediate(Immediate)
    case limit(Limit)
    case log(Log)
    case lookup(Lookup)
    case masquerade(Masquerade)
    case meta(Meta)
    case nat(NAT)
    case object(ObjectReference)
    case payload(Payload)
    case range(Range)
    case redirect(Redirect)
    case reject(Reject)
    case route(RouteProperty)
    case other(name: String, data: [UInt8])
  }

  public var kind: Kind
  /// Attributes of the kernel's that this code does not know.
  public var unknown: [RawAttribute]

  public init(_ kind: Kind, unknown: [RawAttribute] = []) {
    self.kind = kind
    self.unknown = unknown
  }

  /// nft(8) turns single bytes round where they are part of a key.
  var isWithoutEffect: Bool {
    if case .byteOrder(let order) = kind { order.length == 1 && order.source == order.destination } else { false }
  }

  /// Without what changes by itself: what a counter has counted, and attributes that a newer kernel adds.
  var normalForm: Expression {
    if case .counter = kind { return Expression(.counter(Counter())) }
    return Expression(kind)
  }
}

/// What the expressions of one name consist of.
protocol ExpressionBody {
  /// NFTA_EXPR_NAME.
  static var name: String { get }
  func encode(into buffer: inout MessageBuffer)
  /// Takes out of `fields` what it knows.
  init(decoding fields: inout Fields) throws(DecodingFailure)
}

extension Expression.Kind {
  private var body: (any ExpressionBody)? {
    switch self {
    case .bitwise(let body): body
    case .byteOrder(let body): body
    case .cmp(let body): body
    case .connectionLimit(let body): body
    case .counter(let body): body
    case .ct(let body): body
    case .dynamicSet(let body): body
    case .extensionHeader(let body): body
    case .fib(let body): body
    case .immediate(let body): body
    case .limit(let body): body
    case .log(let body): body
    case .lookup(let body): body
    case .masquerade(let body): body
    case .meta(let body): body
    case .nat(let body): body
    case .object(let body): body
    case .payload(let body): body
    case .range(let body): body
    case .redirect(let body): body
    case .reject(let body): body
    case .route(let body): body
    case .other: nil
    }
  }

  fileprivate init?(name: String, _ fields: inout Fields) throws(DecodingFailure) {
    switch name {
    case Bitwise.name: self = .bitwise(try Bitwise(decoding: &fields))
    case ByteOrder.name: self = .byteOrder(try ByteOrder(decoding: &fields))
    case Comparison.name: self = .cmp(try Comparison(decoding: &fields))
    case ConnectionLimit.name: self = .connectionLimit(try ConnectionLimit(decoding: &fields))
    case Counter.name: self = .counter(try Counter(decoding: &fields))
    case ConnectionTracking.name: self = .ct(try ConnectionTracking(decoding: &fields))
    case DynamicSet.name: self = .dynamicSet(try DynamicSet(decoding: &fields))
    case ExtensionHeader.name: self = .extensionHeader(try ExtensionHeader(decoding: &fields))
    case RouteLookup.name: self = .fib(try RouteLookup(decoding: &fields))
    case Immediate.name: self = .immediate(try Immediate(decoding: &fields))
    case Limit.name: self = .limit(try Limit(decoding: &fields))
    case Log.name: self = .log(try Log(decoding: &fields))
    case Lookup.name: self = .lookup(try Lookup(decoding: &fields))
    case Masquerade.name: self = .masquerade(try Masquerade(decoding: &fields))
    case Meta.name: self = .meta(try Meta(decoding: &fields))
    case NAT.name: self = .nat(try NAT(decoding: &fields))
    case ObjectReference.name: self = .object(try ObjectReference(decoding: &fields))
    case Payload.name: self = .payload(try Payload(decoding: &fields))
    case Expression.Range.name: self = .range(try Expression.Range(decoding: &fields))
    case Redirect.name: self = .redirect(try Redirect(decoding: &fields))
    case Reject.name: self = .reject(try Reject(decoding: &fields))
    case RouteProperty.name: self = .route(try RouteProperty(decoding: &fields))
    default: return nil
    }
  }

  fileprivate func encode(into buffer: inout MessageBuffer, _ unknown: [RawAttribute]) {
    if case .other(let name, let data) = self {
      buffer.put(NFTA_EXPR_NAME, name)
      buffer.attribute(NFTA_EXPR_DATA.attribute | UInt16(NLA_F_NESTED), bytes: data)
    } else if let body {
      buffer.put(NFTA_EXPR_NAME, type(of: body).name)
      buffer.nest(NFTA_EXPR_DATA) {
        body.encode(into: &$0)
        $0.put(unknown)
      }
    }
  }
}

// MARK: - Messages

extension Expression {
  /// One element of NFTA_RULE_EXPRESSIONS.
  func encode(into buffer: inout MessageBuffer) {
    buffer.nest(NFTA_LIST_ELEM) { kind.encode(into: &$0, unknown) }
  }

  /// The attributes of one element of NFTA_RULE_EXPRESSIONS. What this code cannot make out stays as it is.
  init(decoding attributes: RawSpan) throws(DecodingFailure) {
    var name = ""
    var data: [UInt8] = []
    try attributes.forEachAttribute { type, value throws(DecodingFailure) in
      switch type {
      case NFTA_EXPR_NAME.attribute: name = value.string
      case NFTA_EXPR_DATA.attribute: data = value.array
      default: break
      }
    }
    self.init(name: name, data: data)
  }

  private init(name: String, data: [UInt8]) {
    do throws(DecodingFailure) {
      var fields = try Fields(data)
      if let kind = try Kind(name: name, &fields) {
        self.init(kind, unknown: fields.rest)
        return
      }
    } catch {
      // A value that only a newer kernel has.
    }
    self.init(.other(name: name, data: data))
  }
}
