import Linux
import NetTypes

/// The dnsmasqs that are ours, and their files.
struct ObservedNames: Hashable, Sendable {
  var place = NamePlace(directory: "/nowhere")
  /// By network: those that have a directory, or a process.
  var services: [Identifier: Service] = [:]

  struct Service: Hashable, Sendable {
    var processes: [Process] = []
    /// The lines of hosts(5), by the names of their files.
    var hosts: [String: String] = [:]
    /// The lines of `--dhcp-host`, by the names of their files.
    var leases: [String: String] = [:]
  }

  struct Process: Hashable, Sendable {
    var role = NameServerRole.server
    var identity: ProcessIdentity
    /// Without the program's own name.
    var arguments: [String]
    /// Whether it is in the network namespace that is worked on.
    var isHere: Bool
    /// Whether it is not to stay: it was told to end, or has lost its files.
    var isLeaving = false
  }
}

extension ObservedNames.Service {
  /// What of it is not as it should be, in words; nil for nothing.
  func drift(as service: NameService, _ place: NamePlace) -> String? {
    // One that learns of more domains than it has to may go on: what it finds is in nobody's set.
    var service = service
    service.domains.formUnion(processes.flatMap { NameService.domains(of: $0.arguments) })
    return NameServerRole.allCases.lazy.compactMap { drift(of: $0, as: service, place) }.first
  }

  private func drift(of role: NameServerRole, as service: NameService, _ place: NamePlace) -> String? {
    let name = "dnsmasq of network \(service.network.name)"
    let processes = processes.filter { $0.role == role }
    let arguments = service.arguments(of: role, place)
    guard let process = processes.first else { return arguments == nil ? nil : "\(name) is not running" }
    guard processes.count == 1 else { return "\(name) runs \(processes.count) times" }
    guard process.isHere else { return "\(name) runs in another network namespace" }
    guard !process.isLeaving else { return "\(name) is about to end" }
    return process.arguments == arguments ? nil : "\(name) runs with another configuration"
  }

  /// What is there of a guest's.
  func records(of address: IPv4Address) -> NameRecords {
    NameRecords(address: address, host: hosts[address.description], lease: leases[address.description])
  }

  /// The addresses of which there is anything; and the names of files that are of none.
  var files: (addresses: Set<IPv4Address>, others: Set<String>) {
    let names = Set(hosts.keys).union(leases.keys)
    let addresses = Set(names.compactMap { try? IPv4Address(parsing: $0) })
    return (addresses, names.subtracting(addresses.map(\.description)))
  }
}
