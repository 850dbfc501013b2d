import Tapestry

/// One policy or limit in place of another, as most tests want it.
extension NetworkManager {
  @discardableResult
  func setPolicy(vmID: Identifier, egress: EgressPolicy) async throws -> [Attachment] {
    try await update(vmID: vmID) { $0.egress = egress }
  }

  @discardableResult
  func setPolicy(network: Identifier, egress: EgressPolicy) async throws -> Network {
    try await update(network: network) { $0.egress = egress }
  }

  @discardableResult
  func setHostAccess(network: Identifier, _ hostAccess: HostAccess) async throws -> Network {
    try await update(network: network) { $0.hostAccess = hostAccess }
  }
}
