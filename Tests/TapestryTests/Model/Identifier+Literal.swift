public import Tapestry

/// Tests may spell ids out. The library's users may not: a wrong literal would stop their program.
extension Identifier: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self.init(known: text) }
}
