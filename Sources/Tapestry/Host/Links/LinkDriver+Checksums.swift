import BPF
import Linux
import NetTypes
import RouteNetlink

extension LinkDriver {
  /// Makes a network's bridge hold the block of filters that its guests' TAPs share, and puts the filter into the block.
  func setChecksumFilter(_ network: Network) throws(StepFailure) {
    do throws(KernelError) {
      let index = try linkIndex(network.bridge)
      let name = network.bridge.rawValue
      let program = try ChecksumFilter.load()
      var batch = RouteBatch()
      if try ingressBlock(of: index) != ChecksumFilter.block { batch.deleteIngress(linkIndex: index, linkName: name) }
      batch.add(IngressBlock(ChecksumFilter.block, linkIndex: index), linkName: name)
      batch.replace(ChecksumFilter.filter, program: program.descriptor.rawValue)
      // A kernel without such filters (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF): the network works without, and `check`
      // reports it.
      let failures = try route.send(batch).filter { ![.noSuchFile, .notSupported].contains($0.errno) }
      if let failure = failures.first { throw failure }
    } catch {
      throw bridgeFailure(error)
    }
  }

  /// Removes filters that are not ours from a TAP, so that ours can take their place.
  func removeForeignIngress(of link: Link) throws(KernelError) {
    guard try ingressBlock(of: link.index) != ChecksumFilter.block else { return }
    try apply { $0.deleteIngress(linkIndex: link.index, linkName: link.name) }
  }

  private func ingressBlock(of index: Int32) throws(KernelError) -> UInt32? {
    for case .ingress(let ingress) in try route.qdiscs() where ingress.linkIndex == index { return ingress.number }
    return nil
  }

  /// If the filter is not in place, loads the program only to see whether the kernel accepts it.
  func observeChecksumFilter() throws(KernelError) -> ChecksumFilterState {
    do throws(KernelError) {
      if try route.filters(ofBlock: ChecksumFilter.block).contains(ChecksumFilter.filter) { return .inPlace }
    } catch {
      // A kernel without CONFIG_NET_CLS.
      guard error.errno == .notSupported else { throw error }
      return .unsupported("\(error)")
    }
    return try Self.checksumFilterRefusal().map(ChecksumFilterState.unsupported) ?? .missing
  }

  /// Why the kernel does not accept the program. Returns nil if it does. Changes nothing.
  /// - Throws: `KernelError` for a failure that does not show what the kernel can do.
  static func checksumFilterRefusal() throws(KernelError) -> String? {
    do throws(KernelError) { _ = try ChecksumFilter.load() } catch {
      guard Self.refusals.contains(error.errno) else { throw error }
      return "\(error)"
    }
    return nil
  }

  /// No BTF, no privilege or lockdown, no BPF, another verifier, other types.
  private static let refusals: [Errno] = [
    .noSuchFile, .notPermitted, .permissionDenied, .notImplemented, .invalidArgument, .notSupported, .badMessage,
  ]
}
