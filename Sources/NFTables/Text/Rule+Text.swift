extension Rule: CustomStringConvertible {
  /// The rule as nft(8) writes it, without its chain: `meta iifname @taps jump from_guest`.
  public var description: String { RuleText(self).words.joined(separator: " ") }
}
