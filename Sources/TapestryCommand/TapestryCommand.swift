import ArgumentParser

struct TapestryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tapestry",
    abstract: "Networking for microVMs: TAP devices, a bridge, addresses, NAT; isolated by default.",
    discussion: """
      Start a VM with a network in one command (all commands need root):
        tapestry run web-1 -- qemu-system-x86_64 … -append '{bootArgs}' \\
          -netdev tap,id=n0,ifname={tapName},script=no,downscript=no \\
          -device virtio-net-pci,netdev=n0,mac={mac}

      Or step by step:
        tapestry attach web-1          create its TAP; print the settings for the VMM and the guest
        tapestry ls                    list attachments
        tapestry check                 compare the kernel with the desired state
        tapestry detach web-1          delete the TAP and free the address
        tapestry doctor                find problems on this host
        tapestry cleanup               remove everything; restore sysctls

      Results go to standard output, as text, or as JSON and other formats with -o. Errors go to standard error, as \
      'error: MESSAGE (CODE)', or with -o json as {"error":{"code":CODE,"message":MESSAGE}}. Usage errors have the code \
      USAGE.

      Exit status: 0 success; 1 failure; 2 'check' found drift, 'repair' met what it cannot repair, or 'doctor' found \
      a problem; 64 usage error. 'run' returns the VMM's exit status.
      """,
    version: Version.current,
    subcommands: [
      Attach.self, Detach.self, Run.self, List.self, Inspect.self, NetworkCommand.self, PolicyCommand.self,
      Publish.self, Unpublish.self, LabelCommand.self, Check.self, Repair.self, CollectGarbage.self,
      Cleanup.self, DoctorCommand.self, Bench.self, PrintVersion.self,
    ])
  @OptionGroup var global: GlobalOptions
}
