import Linux
import NetTypes
import RouteNetlink

// At the end of each deletion the kernel waits some 15 ms for memory that readers may still use (rcu_barrier in
// netdev_run_todo), but only once for all links that one message deletes. A message can delete several links only by group.
extension LinkDriver {
  /// Deletes the links of these steps: several TAPs in one message, then bridges.
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
        return HostFailure(item, error)
      }
    }
  }

  // MARK: One by one

  /// Deletes the guest's TAP if it exists and has the guest's mark. A link of that name without the mark stays.
  private func deleteTap(_ guest: Desired.Guest) throws(StepFailure) {
    do throws(KernelError) {
      guard let link = try route.link(named: guest.lease.tapName.rawValue), ListedLink(link).isTap(of: guest) else {
        return
      }
      try apply { $0.delete(link.reference) }
    } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to delete TAP \(guest.lease.tapName)"))
    }
  }

  private func deleteLink(_ name: String, _ index: Int32, _ mark: OwnerMark) throws(StepFailure) {
    do throws(KernelError) {
      // The kernel does not reuse an index while the host runs, so this is the link that was observed, or none.
      try apply { $0.delete(.index(index, named: name)) }
    } catch {
      throw StepFailure(TapestryError(error, .kernelRefused, "Failed to delete link \(name) (\(mark.alias))"))
    }
  }

  // MARK: Together

  /// Moves the TAPs of these steps into a group of their own, and deletes the group.
  /// - Returns: what is left to be deleted one by one: bridges, links that could not be moved, or all if the kernel refused
  ///   the group. A failure here occurs there again, and is reported.
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
        // A link that does not exist or is not ours needs no deletion.
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

  /// A group without links, so that everything deleted with it was moved there. It is random, so that two concurrent
  /// detaches rarely choose the same; if they do, each deletes only links that are to be deleted anyway.
  private static func unusedGroup(_ links: [ListedLink]) -> UInt32? {
    let used = Set(links.map(\.group))
    return RulesetTables.leavingGroups.filter { !used.contains($0) }.randomElement()
  }
}

/// What a deletion needs to know about a link.
private struct ListedLink {
  var index: Int32
  var name: String
  var group: UInt32
  /// nil if it is not a TAP with our mark.
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
  /// The name of the TAP that the step deletes. Returns nil for a bridge.
  fileprivate var deletedTap: String? {
    switch self {
    case .deleteTap(let guest): guest.lease.tapName.rawValue
    case .deleteLink(let name, _, .attachment): name
    default: nil
    }
  }

  /// Returns true if the step deletes this link.
  fileprivate func deletes(_ link: ListedLink) -> Bool {
    switch self {
    case .deleteTap(let guest): link.isTap(of: guest)
    case .deleteLink(_, let index, let mark): link.index == index && link.tapMark == mark
    default: false
    }
  }
}
