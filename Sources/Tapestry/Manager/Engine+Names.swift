import NetTypes

extension Engine {
  /// Waits for whoever is about to start or end these networks' name servers. Call it without the state's lock.
  func waitForServing(_ networks: Set<Identifier>) throws(TapestryError) {
    for network in networks { try lock.serving(network) {} }
  }

  /// Starts and ends the name servers that `converge` has left. Call it without the state's lock.
  func serveNames() throws(TapestryError) {
    var errors: [TapestryError] = []
    for network in unserved.sorted() {
      do throws(TapestryError) { try serveNames(of: network) } catch { errors.append(error) }
    }
    unserved = []
    if let error = TapestryError.joining(errors, "Not all name servers could be started or ended") { throw error }
  }

  private func serveNames(of name: Identifier) throws(TapestryError) {
    try lock.serving(name) { () throws(TapestryError) in
      var service = try nameService(of: name)
      while true {
        var failure: TapestryError?
        do throws(TapestryError) { try host.serve(name, service) } catch { failure = error }
        // Somebody else may want it otherwise by now, who then waits for this to be over.
        let wanted = try nameService(of: name)
        if wanted == service {
          if let failure { throw failure }
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

  /// nil for a network that is gone, or has none.
  private func nameService(of name: Identifier) throws(TapestryError) -> NameService? {
    let desired = try desired()
    return desired.networks.first { $0.name == name }.flatMap(desired.nameService)
  }
}
