import FoundationEssentials
import Glibc
import NetTypes
import TestKit
import Testing

/// A host with an uplink, and an internet behind it that has a web server and a cloud's metadata address.
struct Surroundings {
  static let hostAddress = IPv4Address(198, 51, 100, 2)
  static let internetAddress = IPv4Address(198, 51, 100, 1)
  static let metadataAddress = IPv4Address(169, 254, 169, 254)

  let host: TestNamespace
  let internet: TestNamespace
  let web: RunningCommand
  /// What the web server's page says, another each time.
  let page: String
  /// A folder for state files.
  let directory: String
  /// A service of the host's own, which no guest may reach.
  let service: TCPListener

  var statePath: String { directory + "/state.db" }
  static var pageURL: String { "http://\(internetAddress)/" }

  static func use(_ body: (Surroundings) async throws -> Void) async throws {
    try #require(GuestImage.missing == nil, "run Scripts/install-packages guest and Scripts/build-guest")
    try await withNamespaces { host, internet in
      var template = Array("/tmp/tapestry-end-to-end-XXXXXX".utf8CString)
      let directory = try #require(unsafe mkdtemp(&template).map { unsafe String(cString: $0) })
      defer { try? FileManager.default.removeItem(atPath: directory) }
      try await host.connect(.init("uplink", "\(hostAddress)/24"), to: internet, .init("isp", "\(internetAddress)/24"))
      try await host.command("ip", "route", "add", "default", "via", "\(internetAddress)")
      try await internet.command("ip", "address", "add", "\(metadataAddress)/32", "dev", "isp")

      let page = "hello from the internet side of \(host.name)"
      try FileManager.default.createDirectory(atPath: directory + "/www", withIntermediateDirectories: false)
      try Data((page + "\n").utf8).write(to: URL(filePath: directory + "/www/index.html"))
      let web = try await internet.start(
        GuestImage.busybox, "httpd", "-f", "-vv", "-p", "80", "-h", directory + "/www")
      let service = try await TCPListener(in: host, port: 8080)
      // All is there for the host, and its service for the outside.
      #expect(
        try await eventually {
          (try? await TCPConnection(from: host, to: Endpoint(metadataAddress, 80))) != nil
        })
      _ = try await TCPConnection(from: internet, to: Endpoint(hostAddress, 8080))
      _ = await service.accepted()
      try await body(
        Surroundings(host: host, internet: internet, web: web, page: page, directory: directory, service: service))
    }
  }

  /// The steps by which a guest tries all that it may and may not reach, whose gateway is `gateway`.
  static func steps(gateway: IPv4Address) -> [String] {
    [
      "ping=\(gateway)", "fetch=\(pageURL)", "tcp=\(gateway):8080", "tcp=\(hostAddress):8080",
      "tcp=\(metadataAddress):80",
    ]
  }

  /// Expects that a guest has configured itself, and reached what it may and nothing else.
  func expectPromises(
    of guest: VirtualMachine, address: IPv4Address, prefixLength: Int = 24, gateway: IPv4Address, mac: String,
    mtu: Int = 1500, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let said = try guest.said
    #expect(
      said.contains("address \(address)/\(prefixLength) gateway \(gateway) device eth0 mac \(mac) mtu \(mtu)"),
      "\(said)", sourceLocation: sourceLocation)
    #expect(said.contains("ping \(gateway) ok"), "\(said)", sourceLocation: sourceLocation)
    #expect(said.contains("fetch \(Self.pageURL) ok \(page)"), "\(said)", sourceLocation: sourceLocation)
    for target in ["\(gateway):8080", "\(Self.hostAddress):8080", "\(Self.metadataAddress):80"] {
      #expect(said.contains("tcp \(target) timeout"), "\(said)", sourceLocation: sourceLocation)
    }
    #expect(service.connections.takeAll() == [], sourceLocation: sourceLocation)
    // "[::ffff:198.51.100.2]:40152: url:/"
    let requests = try web.stderr.split(separator: "\n").filter { $0.contains("url:/") }
    #expect(requests.count == 1 && requests.allSatisfy { $0.contains("\(Self.hostAddress)]") }, "\(requests)")
  }
}
