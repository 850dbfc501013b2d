import TestKit
import Testing

@Suite("What attach prints", .needsKernel)
struct AttachOutputTests {
  private static let json =
    #"{"vmId":"web-1","interfaceId":"eth0","network":"default","tapName":"svweb1eth0","guestIp":"172.30.0.2","#
    + #""prefixLength":24,"gatewayIp":"172.30.0.1","subnetMask":"255.255.255.0","mac":"02:f9:6b:cd:74:69","mtu":1500,"#
    + #""bridge":"svbr0","bootArgs":"ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off"}"#

  private static let text = """
    VM            web-1
    interface     eth0
    network       default (bridge svbr0, mtu 1500)
    TAP           svweb1eth0
    MAC           02:f9:6b:cd:74:69
    address       172.30.0.2/24
    gateway       172.30.0.1
    boot args     ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off

    """

  @Test("every format says the same, and every repetition gets the same attachment back")
  func formats() async throws {
    try await CommandRig.use { rig in
      #expect(try await rig.output("attach", "web-1") == Self.text)
      let state = try await rig.state()
      #expect(try await rig.output("attach", "web-1", "-o", "text") == Self.text)
      #expect(try await rig.output("attach", "web-1", "-o", "json") == Self.json + "\n")
      #expect(try await rig.output("attach", "web-1", "--output", "json") == Self.json + "\n")
      #expect(try await rig.output("attach", "web-1", "--output=json") == Self.json + "\n")
      #expect(
        try await rig.output("attach", "web-1", "-o", "boot-args")
          == "ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off\n")
      #expect(
        try await rig.output("attach", "web-1", "-o", "firecracker")
          == #"{"iface_id":"eth0","host_dev_name":"svweb1eth0","guest_mac":"02:f9:6b:cd:74:69"}"# + "\n")
      #expect(
        try await rig.output("attach", "web-1", "-o", "qemu")
          == "-netdev tap,id=svweb1eth0,ifname=svweb1eth0,script=no,downscript=no "
          + "-device virtio-net-pci,netdev=svweb1eth0,mac=02:f9:6b:cd:74:69\n")
      #expect(try await rig.output("ls", "-o", "json") == "[\(Self.json)]\n")
      #expect(try await rig.output("inspect", "web-1", "-o", "json") == "[\(Self.json)]\n")
      #expect(try await rig.output("inspect", "web-1") == Self.text)
      #expect(
        try await rig.output("ls") == """
          VM     INTERFACE  NETWORK  ADDRESS     MAC                TAP         OWNER  STATE
          web-1  eth0       default  172.30.0.2  02:f9:6b:cd:74:69  svweb1eth0  root   attached

          """)
      try await rig.expectUnchanged(since: state)
    }
  }

  @Test("what -o env prints gives a shell every field, under its own name")
  func environment() async throws {
    try await CommandRig.use { rig in
      let result = try await rig.shell(
        """
        eval "$(tapestry attach web-1 --interface a:b -o env)"
        for name in VM_ID INTERFACE_ID NETWORK TAP_NAME GUEST_IP PREFIX_LENGTH GATEWAY_IP SUBNET_MASK MAC MTU BRIDGE \
          BOOT_ARGS
        do eval "echo \\$TAPESTRY_$name"; done
        set | grep -c ^TAPESTRY_
        """
      ).checked()
      let expected = try await rig.json("attach", "web-1", "--interface", "a:b")
      let fields = [
        "vmId", "interfaceId", "network", "tapName", "guestIp", "prefixLength", "gatewayIp", "subnetMask", "mac", "mtu",
        "bridge", "bootArgs",
      ]
      let values = fields.map { expected[$0].string ?? expected[$0].int.map(String.init) ?? "missing" }
      // And TAPESTRY_STATE, which was there before.
      #expect(result.stdout.split(separator: "\n").map(String.init) == values + ["\(fields.count + 1)"])
      #expect(expected.members.count == fields.count)
    }
  }

  @Test("QEMU takes the arguments of -o qemu as they are")
  func qemu() async throws {
    try await CommandRig.use { rig in
      let result = try await rig.shell(
        """
        qemu-system-x86_64 -M none -nodefaults -display none -monitor stdio \
          $(tapestry attach web-1 -o qemu | sed 's/-device.*//') <<'E'
        info network
        quit
        E
        """
      ).checked()
      #expect(result.stdout.contains("svweb1eth0: index=0,type=tap,ifname=svweb1eth0,script=no,downscript=no"))
    }
  }

  @Test("several interfaces of one VM: listed by address, inspected as blocks, each with its own device")
  func interfaces() async throws {
    try await CommandRig.use { rig in
      let first = try await rig.json("attach", "web-1")
      let second = try await rig.json("attach", "web-1", "--interface", "eth1")
      let other = try await rig.json("attach", "other")
      #expect(try await rig.json("ls") == .array([first, second, other]))
      #expect(try await rig.json("inspect", "web-1") == .array([first, second]))
      #expect(second["bootArgs"] == "ip=172.30.0.3::172.30.0.1:255.255.255.0::eth1:off")
      let blocks = try await rig.output("inspect", "web-1").split(separator: "\n", omittingEmptySubsequences: false)
      #expect(blocks.map { $0.prefix(9) }.filter { $0 == "interface" }.count == 2)
      #expect(blocks[8] == "")
      #expect(try await rig.output("ls").split(separator: "\n").count == 4)
    }
  }

  @Test("nothing attached: a table's head alone, an empty array")
  func nothing() async throws {
    try await CommandRig.use { rig in
      #expect(try await rig.output("ls") == "VM  INTERFACE  NETWORK  ADDRESS  MAC  TAP  OWNER  STATE\n")
      #expect(try await rig.output("ls", "-o", "json") == "[]\n")
      expectError(try await rig.tapestry("inspect", "web-1"), "ATTACHMENT_NOT_FOUND", saying: "'web-1'", "tapestry ls")
    }
  }
}
