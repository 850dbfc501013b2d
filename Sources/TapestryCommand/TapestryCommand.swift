import ArgumentParser

struct TapestryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tapestry",
    abstract: "Gives microVMs a network: TAP devices, a bridge, addresses, NAT; isolated by default.",
    discussion: """
      Start a VM with a network in one line (as root, like all of these):
        tapestry run web-1 -- qemu-system-x86_64 … -append '{bootArgs}' \\
          -netdev tap,id=n0,ifname={tapName},script=no,downscript=no \\
          -device virtio-net-pci,netdev=n0,mac={mac}

      Or step by step:
        tapestry attach web-1          make its TAP; print what VMM and guest need
        tapestry ls                    what is attached
        tapestry check                 does the kernel have what it should?
        tapestry detach web-1          take it down again
        tapestry doctor                what on this host stands in the way?
        tapestry cleanup               take everything down; put sysctls back

      Results go to standard output, as text or with -o as JSON and more; errors go to standard error, as 'error: \
      MESSAGE (CODE)', or with -o json as {"error":{"code":CODE,"message":MESSAGE}}, wrong usage among them (USAGE).

      Exit status: 0 done; 1 failed; 2 'check' found drift, or 'doctor' a problem; 64 wrong usage. 'run' gives back the VMM's.
      """,
    version: Version.current,
    subcommands: [
      Attach.self, Detach.self, Run.self, List.self, Inspect.self, NetworkCommand.self, PolicyCommand.self,
      Publish.self, Unpublish.self,
      Check.self,
      Repair.self,
      CollectGarbage.self, Cleanup.self, Examine.self, Bench.self, PrintVersion.self,
    ])
  @OptionGroup var global: GlobalOptions
}
