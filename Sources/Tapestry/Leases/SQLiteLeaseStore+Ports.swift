import SQLite

extension SQLiteLeaseStore {
  /// Claims additional host ports for an attachment. All of them, or none.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; `PORT_IN_USE` if an attachment already publishes one; `INVALID_PORT`.
  package func publish(_ ports: [PublishedPort], to key: AttachmentKey) throws(TapestryError) {
    guard !ports.isEmpty else { return }
    try database.transaction { () throws(TapestryError) in
      try keepRoom()
      let held = try existingLease(key)
      try (held.settings.published.filter { !ports.contains($0) } + ports).validate()
      for port in ports where !held.settings.published.contains(port) {
        if let holder = try publisher(of: port) {
          throw .portInUse(port, by: holder == key ? "this attachment" : "\(holder)")
        }
        try database.run(
          .publish, port.transport, port.hostPort, port.hostAddress?.rawValue ?? 0, port.guestPort, key.vm,
          key.interface)
      }
    }
  }

  /// Releases host ports. Ports that the attachment does not publish are ignored.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  package func unpublish(_ ports: [PublishedPort], from key: AttachmentKey) throws(TapestryError) {
    try takingDown { () throws(TapestryError) in
      _ = try existingLease(key)
      for port in ports {
        try database.run(
          .unpublish, port.transport, port.hostPort, port.hostAddress?.rawValue ?? 0, port.guestPort, key.vm,
          key.interface)
      }
    }
  }

  private func publisher(of port: PublishedPort) throws(TapestryError) -> AttachmentKey? {
    try database.first(.publisher, port.transport, port.hostPort, port.hostAddress?.rawValue ?? 0) {
      row throws(SQLiteError) in
      AttachmentKey(vm: try row.value(0), interface: try row.value(1))
    }
  }
}

extension TapestryError {
  /// - Parameter holder: an attachment or a program.
  static func portInUse(_ port: PublishedPort, by holder: String) -> TapestryError {
    TapestryError(.portInUse, "Host port \(port.place) is in use by \(holder): publish another one")
  }
}
