extension Plan {
  mutating func repairChecksumFilter(_ network: Network, _ link: ObservedLink?, _ observed: Observed) {
    let drift: String
    switch observed.checksumFilter {
    case .unsupported: return
    case .missing: drift = "the filter for guests' checksums is missing"
    case .inPlace:
      guard link?.isFiltered != true else { return }
      drift = "bridge \(network.bridge) does not hold the filter for guests' checksums"
    }
    add(.setChecksumFilter(network), drift, network: network.name)
  }
}
