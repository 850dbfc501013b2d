import ArgumentParser
import Tapestry

struct Unpublish: Command {
  static let configuration = CommandConfiguration(
    commandName: "unpublish", abstract: "Stop forwarding host ports to a VM.",
    discussion: """
      Ends the connections through these ports. Write the ports as they were published. Prints the attachment.

        tapestry unpublish web-1 8080:80
        tapestry unpublish web-1 --all
      """)

  @OptionGroup var target: PortTarget

  @Argument(help: ArgumentHelp("[HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]", valueName: "port"))
  var ports: [String] = []

  @Flag(help: "All published ports of the VM.")
  var all = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard ports.isEmpty == all else { throw ValidationError("Name the ports, or use '--all'.") }
  }

  func perform() throws(TapestryError) {
    let ports = all ? nil : try [PublishedPort](parsing: ports)
    format.show([
      try common.engine().unpublish(
        vmID: Validation.vmID(target.vm), interfaceID: target.interface.map(Validation.interfaceID), ports: ports)
    ])
  }
}
