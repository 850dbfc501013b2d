import Linux
import NetTypes

/// Our dnsmasq processes and their files.
struct ObservedNames: Hashable, Sendable {
  var place = NamePlace(directory: "/nowhere")
  /// By network: each one that has a directory or a process.
  var services: [Identifier: Service] = [:]

  struct Service: Hashable, Sendable {
    var processes: [Process] = []
    /// Lines of hosts(5), by file name.
    var hosts: [String: String] = [:]
    /// Lines of `--dhcp-host`, by file name.
    var leases: [String: String] = [:]
  }

  struct Process: Hashable, Sendable {
    var role = NameServerRole.server
    var identity: ProcessIdentity
    /// Without the program's name.
    var arguments: [String]
    /// Whether it is in the network namespace that we work on.
    var isHere: Bool
    /// Whether it will not stay: it was told to end, or has lost its files.
    var isLeaving = false
  }
}

extension ObservedNames.Service {
  /// Describes how it differs from the desired service. Returns nil if it does not.
  func drift(as service: NameService, _ place: NamePlace) -> String? {
    // A process that learns more domains than needed may continue: no set collects what it finds.
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

  /// What the files have for a guest's address.
  func records(of address: IPv4Address) -> NameRecords {
    NameRecords(address: address, host: hosts[address.description], lease: leases[address.description])
  }

  /// The addresses that have files, and the names of files that are not addresses.
  var files: (addresses: Set<IPv4Address>, others: Set<String>) {
    let names = Set(hosts.keys).union(leases.keys)
    let addresses = Set(names.compactMap { try? IPv4Address(parsing: $0) })
    return (addresses, names.subtracting(addresses.map(\.description)))
  }
}
