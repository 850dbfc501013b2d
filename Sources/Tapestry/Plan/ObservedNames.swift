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
    var identity: ProcessIdentity
    /// Without the program's own name.
    var arguments: [String]
    /// Whether it is in the network namespace that is worked on.
    var isHere: Bool
  }
}

extension ObservedNames.Service {
  /// What of it is not as it should be, in words; nil for nothing.
  func drift(as service: NameService, _ place: NamePlace) -> String? {
    let name = service.network.name
    guard let process = processes.first else { return "dnsmasq of network \(name) is not running" }
    guard processes.count == 1 else { return "dnsmasq of network \(name) runs \(processes.count) times" }
    guard process.isHere else { return "dnsmasq of network \(name) runs in another network namespace" }
    guard process.arguments == service.arguments(place) else {
      return "dnsmasq of network \(name) runs with another configuration"
    }
    return nil
  }

  /// What is there of a guest's.
  func records(of address: IPv4Address) -> NameRecords {
    NameRecords(address: address, host: hosts[address.description], lease: leases[address.description])
  }

  /// The addresses of which there is anything; and the names of files that are of none.
  var files: (addresses: Set<IPv4Address>, others: Set<String>) {
    let names = Set(hosts.keys).union(leases.keys)
    let addresses = Set(names.compactMap(IPv4Address.init))
    return (addresses, names.subtracting(addresses.map(\.description)))
  }
}
