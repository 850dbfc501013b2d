import CLinux
public import Netlink

/// One expression of a rule: loads, compares or changes data, or issues a verdict. NFTA_EXPR_.
public struct Expression: Hashable, Sendable {
  /// The kind with its attributes. `other` is an expression that this code does not decode, as it was read.
  public enum Kind: Hashable, Sendable {
    /// `bitwise`.
    case bitwise(Bitwise)
    /// `byteorder`.
    case byteOrder(ByteOrder)
    /// `cmp`.
    case cmp(Comparison)
    /// `connlimit`.
    case connectionLimit(ConnectionLimit)
    /// `counter`.
    case counter(Counter)
    /// `ct`.
    case ct(ConnectionTracking)
    /// `dynset`.
    case dynamicSet(DynamicSet)
    /// `exthdr`.
    case extensionHeader(ExtensionHeader)
    /// `fib`.
    case fib(RouteLookup)
    /// `immediate`.
    case immediate(Immediate)
    /// `limit`.
    case limit(Limit)
    /// `log`.
    case log(Log)
    /// `lookup`.
    case lookup(Lookup)
    /// `masq`.
    case masquerade(Masquerade)
    /// `meta`.
    case meta(Meta)
    /// `nat`.
    case nat(NAT)
    /// `objref`.
    case object(ObjectReference)
    /// `payload`.
    case payload(Payload)
    /// `range`.
    case range(Range)
    /// `redir`.
    case redirect(Redirect)
    /// `reject`.
    case reject(Reject)
    /// `rt`.
    case route(RouteProperty)
    /// NFTA_EXPR_NAME and the payload of NFTA_EXPR_DATA.
    case other(name: String, data: [UInt8])
  }

  /// The kind with its attributes.
  public var kind: Kind
  /// Kernel attributes that this code does not know.
  public var unknown: [RawAttribute]

  /// An expression of this kind.
  public init(_ kind: Kind, unknown: [RawAttribute] = []) {
    self.kind = kind
    self.unknown = unknown
  }

  /// True for a conversion of single bytes, which changes nothing. nft(8) writes one for a single byte in a key.
  var isNoOp: Bool {
    if case .byteOrder(let order) = kind { order.length == 1 && order.source == order.destination } else { false }
  }

  /// The expression without counter values and without attributes of newer kernels.
  var normalForm: Expression {
    if case .counter = kind { return Expression(.counter(Counter())) }
    return Expression(kind)
  }
}

/// The attributes of the expressions of one name.
protocol ExpressionBody {
  /// NFTA_EXPR_NAME.
  static var name: String { get }
  func encode(into buffer: inout MessageBuffer)
  /// Decodes the attributes, and removes from `fields` those that it knows.
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
  /// Appends one NFTA_LIST_ELEM of NFTA_RULE_EXPRESSIONS.
  func encode(into buffer: inout MessageBuffer) {
    buffer.nest(NFTA_LIST_ELEM) { kind.encode(into: &$0, unknown) }
  }

  /// Decodes one NFTA_LIST_ELEM of NFTA_RULE_EXPRESSIONS. An expression that this code cannot decode is kept as `other`.
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
    do throws(DecodingFailure) {
      var fields = try Fields(data)
      if let kind = try Kind(name: name, &fields) {
        self.init(kind, unknown: fields.rest)
        return
      }
    } catch {
      // A newer kernel has a value that this code does not know.
    }
    self.init(.other(name: name, data: data))
  }
}
