import NetTypes

extension Engine {
  /// Waits until nobody is starting or stopping these networks' name servers. Do not hold the state's lock.
  func waitForServing(_ networks: Set<Identifier>) throws(TapestryError) {
    for network in networks { try lock.serving(network) {} }
  }

  /// Starts and stops the name servers that `converge` has left. Do not hold the state's lock.
  func serveNames() throws(TapestryError) {
    var errors: [TapestryError] = []
    for network in unserved.sorted() {
      do throws(TapestryError) { try serveNames(of: network) } catch { errors.append(error) }
    }
    unserved = []
    if let error = TapestryError.joining(errors, "Not all name servers could be started or stopped") { throw error }
  }

  private func serveNames(of name: Identifier) throws(TapestryError) {
    try lock.serving(name) { () throws(TapestryError) in
      var service = try nameService(of: name)
      while true {
        let served = Result { () throws(TapestryError) in try host.serve(name, service) }
        // Another process may have changed the desired state meanwhile, and then waits for this one.
        let wanted = try nameService(of: name)
        if wanted == service {
          try served.get()
          break
        }
        service = wanted
      }
      guard service == nil else { return }
      try lock.alone { () throws(TapestryError) in
        if try nameService(of: name) == nil { try host.forgetNameServer(name) }
      }
    }
  }

  /// Returns nil if the network is gone, or has no name server.
  private func nameService(of name: Identifier) throws(TapestryError) -> NameService? {
    let desired = try desired()
    return desired.networks.first { $0.name == name }.flatMap(desired.nameService)
  }
}
