extension Rule {
  /// A rule of these statements. It adds the checks that their fields need in the chain's family.
  public init(in chain: Chain, _ statements: Statement..., comment: String? = nil) {
    self.init(in: chain, statements, comment: comment)
  }

  /// A rule of these statements. It adds the checks that their fields need in the chain's family.
  public init(in chain: Chain, _ statements: [Statement], comment: String? = nil) {
    let family = chain.id.table.family
    var established: Set<Requirement> = []
    var expressions: [Expression] = []
    for statement in statements {
      for requirement in statement.requirements
      where !requirement.isImplied(by: family) && !established.contains(requirement) {
        established.formUnion(requirement.consequences)
        expressions += requirement.expressions(in: family)
      }
      expressions += statement.expressions
      if let fact = statement.established { established.formUnion(fact.consequences) }
    }
    self.init(chain.id, expressions, comment: comment)
  }
}
