import ArgumentParser
import Tapestry

struct Publish: Command {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Forward host ports to a running VM.",
    discussion: """
      The ports are reachable from outside, from the host itself (also at 127.0.0.1) and, if their policy allows it, \
      from other guests at the host's address. The source addresses of outside clients are preserved. A port is refused \
      if another attachment publishes it or a program listens on it. Prints the attachment.

        tapestry publish web-1 8080:80
        tapestry publish web-1 192.0.2.1:5000-5009:5000/udp
      """)

  @OptionGroup var target: PortTarget

  @Argument(help: ArgumentHelp("[HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]", valueName: "port"))
  var ports: [String]

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    let ports = try [PublishedPort](parsing: ports)
    format.show([
      try common.engine().publish(
        vmID: Validation.vmID(target.vm), interfaceID: target.interface.map(Validation.interfaceID), ports: ports)
    ])
  }
}

/// The VM, and optionally the interface, whose ports a command changes.
struct PortTarget: ParsableArguments {
  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String

  @Option(help: ArgumentHelp("The interface of the VM, if it has several.", valueName: "id"))
  var interface: String?
}

extension [PublishedPort] {
  init(parsing texts: [String]) throws(TapestryError) {
    self = []
    for text in texts { self += try Self(parsing: text) }
  }
}
