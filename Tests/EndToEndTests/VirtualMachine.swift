import TestKit
import Testing

/// A guest in QEMU, told nothing but its kernel's command line; what it finds out it says on its serial console.
struct VirtualMachine {
  let process: RunningCommand

  /// QEMU's command line.
  /// - Parameters:
  ///   - bootArguments: As Tapestry gives them: the guest's only knowledge of its network.
  ///   - steps: What it does then, in the words of Scripts/guest-init: `ping=198.51.100.1`.
  static func arguments(tap: String, mac: String, mtu: String, bootArguments: String, steps: [String]) -> [String] {
    // Emulated on a busy machine the timer is late, which a kernel would take for broken, and panic.
    let words =
      ["console=ttyS0", "quiet", "panic=-1", "no_timer_check", bootArguments] + steps.map { "tapestry." + $0 }
    return [
      GuestImage.qemu, "-M", "pc", "-accel", GuestImage.accelerator, "-cpu", "max", "-m", "256", "-nodefaults",
      "-display", "none", "-serial", "stdio", "-no-reboot",
      "-kernel", GuestImage.kernel, "-initrd", GuestImage.initialRAMDisk,
      "-netdev", "tap,id=n0,ifname=\(tap),script=no,downscript=no",
      "-device", "virtio-net-pci,netdev=n0,mac=\(mac),host_mtu=\(mtu),romfile=",
      "-append", words.joined(separator: " "),
    ]
  }

  static func boot(
    in host: TestNamespace, tap: String, mac: String, mtu: Int, bootArguments: String, steps: [String]
  ) async throws -> VirtualMachine {
    try #require(GuestImage.missing == nil)
    let arguments = arguments(tap: tap, mac: mac, mtu: "\(mtu)", bootArguments: bootArguments, steps: steps)
    return VirtualMachine(process: try await host.start(arguments: arguments))
  }

  /// What it has said so far, without the `GUEST ` in front of each line.
  var said: [String] {
    get throws {
      try process.stdout.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("GUEST ") }.map {
        String($0.dropFirst("GUEST ".count))
      }
    }
  }

  /// Waits until it has said a line that begins so. Emulation takes seconds, and more on a busy machine.
  func says(_ beginning: String) async throws -> String {
    try await process.waitForOutput(containing: "GUEST " + beginning, within: .seconds(240))
    // The line may be half written yet.
    var line: String?
    _ = try await eventually {
      line = try process.stdout.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast()
        .first { $0.hasPrefix("GUEST " + beginning) }.map { String($0.dropFirst("GUEST ".count)) }
      return line != nil
    }
    return try #require(line)
  }

  /// Waits until it has powered off.
  func ends() async throws -> CommandResult { try await process.wait(atMost: .seconds(240)) }
}
