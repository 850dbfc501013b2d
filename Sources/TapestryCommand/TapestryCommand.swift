import ArgumentParser

struct TapestryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tapestry",
    abstract: "Gives microVMs a network: TAP devices, a bridge, addresses, NAT; isolated by default.",
    discussion: """
      Start a VM with a network in one line:
        tapestry run web-1 -- qemu-system-x86_64 … -append '{bootArgs}' \\
          -netdev tap,id=n0,ifname={tapName},script=no,downscript=no -device virtio-net-pci,netdev=n0,mac={mac}

      Or step by step:
        tapestry attach web-1        # makes the TAP and prints what the VM needs to know
        tapestry ls                  # what is attached
        tapestry detach web-1        # takes it down again

      Exit status: 0 done, 1 failed, 2 drift found by 'check', 64 wrong usage.
      """,
    version: Version.current,
    subcommands: [
      Attach.self, Detach.self, Run.self, List.self, Inspect.self, NetworkCommand.self, Check.self, Repair.self,
      CollectGarbage.self, Cleanup.self, PrintVersion.self,
    ])
}
