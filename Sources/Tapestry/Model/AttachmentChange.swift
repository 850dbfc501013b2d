/// What becomes of an attachment's policy and limits, in one step. What is not named stays.
public struct AttachmentChange: Hashable, Sendable {
  public enum Field<Value: Hashable & Sendable>: Hashable, Sendable {
    case kept
    /// nil: what goes without saying.
    case set(Value?)

    /// nil for one that is kept, or cleared.
    var value: Value? { if case .set(let value?) = self { value } else { nil } }
  }

  public var egress = Field<EgressPolicy>.kept
  public var rateLimit = Field<RateLimit>.kept
  public var maxConnections = Field<MaximumConnections>.kept

  public init() {}

  /// - Throws: `INVALID_POLICY`, `INVALID_RATE`, `INVALID_LIMIT`.
  func validate() throws(TapestryError) {
    try egress.value?.validate()
    try rateLimit.value?.validate()
    try maxConnections.value?.validate()
  }
}
