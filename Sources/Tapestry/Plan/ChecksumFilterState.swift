/// Whether the kernel drops guests' frames that have it write checksums where they do not belong.
enum ChecksumFilterState: Hashable, Sendable {
  case inPlace
  case missing
  /// With the reason why the kernel, or the process's privilege, does not allow it.
  case unsupported(String)
}

extension Plan {
  mutating func mendChecksumFilter(_ network: Network, _ link: ObservedLink?, _ observed: Observed) {
    let drift: String
    switch observed.checksumFilter {
    case .unsupported: return
    case .missing: drift = "the filter of guests' checksums is missing"
    case .inPlace:
      guard link?.isFiltered != true else { return }
      drift = "bridge \(network.bridge) does not keep the filter of guests' checksums"
    }
    add(.setChecksumFilter(network), drift, network: network.name)
  }
}
