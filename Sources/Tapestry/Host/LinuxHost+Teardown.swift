import Linux
import NetTypes
import Netlink
import RouteNetlink

// The kernel waits some 15 ms at the end of every deletion, for memory that readers may still look at (rcu_barrier in
// netdev_run_todo); but once for all that one message deletes. A message deletes several links only as a group.
extension LinuxHost {
  /// Deletes the links of these steps: TAPs together, where there are several, then bridges.
  func deleteLinks(_ items: ArraySlice<Plan.Item>) -> [HostFailure] {
    let rest = items.count > 1 ? withoutDeletedTogether(items) : Array(items)
    return rest.compactMap { item in
      do throws(StepFailure) {
        switch item.step {
        case .deleteTap(let guest): try deleteTap(guest)
        case .deleteLink(let name, let index, let mark): try deleteLink(name, index, mark)
        default: break
        }
        return nil
      } catch {
        return HostFailure(item: item, error: error.error, kind: error.kind)
      }
    }
  }

  // MARK: One by one

  /// Deletes the guest's TAP if there is one with its mark. A link of that name that is not marked so stays.
  private func deleteTap(_ guest: Desired.Guest) throws(StepFailure) {
    do throws(KernelError) {
      guard let link = try route.link(named: guest.lease.tapName.rawValue), ListedLink(link).isTap(of: guest) else {
        return
      }
      var batch = RouteBatch()
      batch.delete(link.reference)
      try route.apply(batch)
    } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to delete TAP \(guest.lease.tapName)"))
    }
  }

  private func deleteLink(_ name: String, _ index: Int32, _ mark: OwnerMark) throws(StepFailure) {
    do throws(KernelError) {
      // An index is never used again while the host runs, so this is the link that was observed, or none.
      var batch = RouteBatch()
      batch.delete(.index(index, named: name))
      try route.apply(batch)
    } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to delete link \(name) (\(mark.alias))"))
    }
  }

  // MARK: Together

  /// Moves the TAPs of these steps into a group of their own, and deletes it.
  /// - Returns: what is left to be deleted one by one: bridges; and whatever could not be moved, or all where the kernel
  ///   refused the group. A failure here is met again there, and reported.
  private func withoutDeletedTogether(_ items: ArraySlice<Plan.Item>) -> [Plan.Item] {
    do throws(KernelError) {
      let links = try route.links(mapping: ListedLink.init)
      guard let group = Self.unusedGroup(links) else { return Array(items) }
      let byName = Dictionary(links.map { ($0.name, $0) }) { first, _ in first }
      var rest: [Plan.Item] = []
      var moved: [Plan.Item] = []
      var batch = RouteBatch()
      for item in items {
        guard let name = item.step.deletedTap else {
          rest.append(item)
          continue
        }
        // What is not there, or not ours, is nothing to delete.
        guard let link = byName[name], item.step.deletes(link) else { continue }
        var change = LinkChange(.index(link.index, named: link.name))
        change.group = group
        batch.set(change)
        moved.append(item)
      }
      guard moved.count > 1 else { return moved + rest }
      batch.deleteLinks(group: group)
      let failures = Set(try route.send(batch).map(\.index))
      guard !failures.contains(moved.count) else { return moved + rest }
      return moved.indices.filter(failures.contains).map { moved[$0] } + rest
    } catch {
      return Array(items)
    }
  }

  /// A group that no link is in: whatever is deleted with it has been moved there. Drawn, so that two who detach at once
  /// rarely meet; when they do, each deletes only what both want to be gone.
  private static func unusedGroup(_ links: [ListedLink]) -> UInt32? {
    let used = Set(links.map(\.group))
    return RulesetTables.leavingGroups.filter { !used.contains($0) }.randomElement()
  }
}

/// What a deletion needs to know of a link.
private struct ListedLink {
  var index: Int32
  var name: String
  var group: UInt32
  /// nil where it is no TAP with our mark.
  var tapMark: OwnerMark?

  init(_ link: Link) {
    index = link.index
    name = link.name
    group = link.group
    tapMark = link.kind == "tun" ? link.alias.flatMap(OwnerMark.init(alias:)) : nil
  }

  func isTap(of guest: Desired.Guest) -> Bool { tapMark == guest.mark }
}

extension Step {
  /// The name of the TAP that it deletes; nil for a bridge.
  fileprivate var deletedTap: String? {
    switch self {
    case .deleteTap(let guest): guest.lease.tapName.rawValue
    case .deleteLink(let name, _, .attachment): name
    default: nil
    }
  }

  /// Whether it is this link that it deletes.
  fileprivate func deletes(_ link: ListedLink) -> Bool {
    switch self {
    case .deleteTap(let guest): link.isTap(of: guest)
    case .deleteLink(_, let index, let mark):
      link.index == index && link.tapMark == mark
    default: false
    }
  }
}
