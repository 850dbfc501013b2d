import BPF
import Linux
import RouteNetlink
import Synchronization

/// Drops what a guest sends where the kernel would write a checksum into what has been judged.
///
/// The virtio-net header of a frame may say that its checksum is still to be computed, and where it goes
/// (VIRTIO_NET_HDR_F_NEEDS_CSUM). A device that does not compute checksums leaves that to the kernel, which writes two
/// bytes there after every filter, ours and others': a VMM could have its packet's destination exchanged, port or address.
/// So a checksum may go where TCP or UDP has its own, or into what these carry (a tunnel's packets have theirs there),
/// and nowhere else. Nothing is computed, and honest offload goes on.
///
/// Nor may a VMM have the kernel cut a tunnel's packets into segments (VIRTIO_NET_HDR_GSO_UDP_TUNNEL, Linux 6.17): it says
/// where the inner headers are, and the kernel writes lengths into them.
///
/// The program looks at a frame as it comes in by a TAP, before bridge, netfilter and IP. All TAPs share one block of
/// filters, which their networks' bridges keep; no nftables ruleset has it, and none that is flushed takes it away.
enum ChecksumFilter {
  /// The block's number: `tape`.
  static let block: UInt32 = 0x7461_7065
  /// The number is the program's: another program has another.
  static let filter = BlockFilter("tapestry checksums 4", in: block)

  /// The functions that it needs are for programs that are, among others, under the GPL.
  private static let license = "Dual BSD/GPL"

  /// Loads the program, for a filter to take.
  /// - Throws: `KernelError`: what kernel or privilege is missing.
  static func load() throws(KernelError) -> Classifier {
    try Classifier(program(try layout()), name: "tapestry_csum", license: license)
  }

  /// Where the kernel keeps what of a packet, in bytes from the beginning of its `struct sk_buff`; for checksums' state, in
  /// bits.
  struct PacketLayout: Hashable {
    var checksumStateBit: Int
    var encapsulationBit: Int
    var checksumStart: Int
    var checksumOffset: Int
    var head: Int
    var data: Int
  }

  /// Read once: it takes longer than all the rest.
  private static let knownLayout = Mutex<PacketLayout?>(nil)

  private static func layout() throws(KernelError) -> PacketLayout {
    if let known = knownLayout.withLock({ $0 }) { return known }
    let members = try TypeInformation.ofKernel().members(of: "sk_buff")
    guard let state = members["ip_summed"], let encapsulation = members["encapsulation"],
      let start = members["csum_start"], let offset = members["csum_offset"],
      let head = members["head"], let data = members["data"]
    else { throw KernelError("find csum_start in the kernel's struct sk_buff", .notSupported) }
    guard abs(state.bitOffset / 8 - encapsulation.bitOffset / 8) < Assembler.bufferSize else {
      throw KernelError("find ip_summed beside encapsulation in the kernel's struct sk_buff", .notSupported)
    }
    let layout = PacketLayout(
      checksumStateBit: state.bitOffset, encapsulationBit: encapsulation.bitOffset, checksumStart: start.byteOffset,
      checksumOffset: offset.byteOffset,
      head: head.byteOffset, data: data.byteOffset)
    knownLayout.withLock { $0 = layout }
    return layout
  }
}
