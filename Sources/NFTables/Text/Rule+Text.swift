extension Rule {
  var text: String { "\(expressions.count) expressions" }
}
