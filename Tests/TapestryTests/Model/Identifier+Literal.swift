public import Tapestry

/// Ids that tests write down, as text: what is none ends the test run. The library has no such literals, because a wrong one
/// would end its users' programs.
extension Identifier: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) {
    do throws(TapestryError) { try self.init(parsing: text) } catch { preconditionFailure("\(error)") }
  }
}
