import BPF
import Linux
import RouteNetlink
import Synchronization

/// Drops a guest's frame if the kernel would write a checksum into bytes that filters have already judged.
///
/// The virtio-net header of a frame may say that its checksum is still to be computed, and where it goes
/// (VIRTIO_NET_HDR_F_NEEDS_CSUM). A device without checksum offload leaves that to the kernel, which writes two bytes there
/// after all filters, ours and others'. So a VMM could change its packet's destination port or address. Therefore a
/// checksum may go only to the checksum field of TCP or UDP, or into their payload, where the packets of a tunnel have
/// theirs. The filter computes nothing, and honest offload still works.
///
/// A VMM may not ask the kernel to segment a tunnel's packets either (VIRTIO_NET_HDR_GSO_UDP_TUNNEL, Linux 6.17): it says
/// where the inner headers are, and the kernel writes lengths into them.
///
/// The program checks each frame that a TAP receives, before bridge, netfilter and IP. All TAPs share one block of filters,
/// and their networks' bridges hold it. No nftables ruleset contains it, so flushing one does not remove it.
enum ChecksumFilter {
  /// The block's number: `tape`.
  static let block: UInt32 = 0x7461_7065
  /// The number in the name is the program's version: another program gets another number.
  static let filter = BlockFilter("tapestry checksums 5", in: block)

  /// The kernel functions that it calls require a GPL-compatible licence.
  private static let license = "Dual BSD/GPL"

  /// Loads the program, to be used by a filter.
  /// - Throws: `KernelError` if the kernel lacks something or the process lacks the privilege.
  static func load() throws(KernelError) -> Classifier {
    let layout = try layout()
    var plain = layout
    plain.cast = nil
    // A kernel without a compiler for BPF has the function, but cannot call it.
    if layout != plain, let fast = try? Classifier(program(layout), name: name, license: license) { return fast }
    return try Classifier(program(plain), name: name, license: license)
  }

  private static let name = "tapestry_csum"

  /// The offsets of fields in the kernel's `struct sk_buff`, in bytes; of the bit fields, in bits.
  struct PacketLayout: Hashable {
    var checksumStateBit: Int
    var encapsulationBit: Int
    var checksumStart: Int
    var checksumOffset: Int
    var head: Int
    var data: Int
    /// The id of bpf_cast_to_kern_ctx (Linux 6.2), by which a program reads the structure without a call; nil in older
    /// kernels.
    var cast: Int32?
  }

  /// Read once, because it takes longer than everything else.
  private static let knownLayout = Mutex<PacketLayout?>(nil)

  private static func layout() throws(KernelError) -> PacketLayout {
    if let known = knownLayout.withLock({ $0 }) { return known }
    let types = try TypeInformation.ofKernel()
    let members = types.members(of: "sk_buff")
    guard let state = members["ip_summed"], let encapsulation = members["encapsulation"],
      let start = members["csum_start"], let offset = members["csum_offset"],
      let head = members["head"], let data = members["data"]
    else { throw KernelError("find csum_start in the kernel's struct sk_buff", .notSupported) }
    let layout = PacketLayout(
      checksumStateBit: state.bitOffset, encapsulationBit: encapsulation.bitOffset, checksumStart: start.byteOffset,
      checksumOffset: offset.byteOffset, head: head.byteOffset, data: data.byteOffset,
      cast: types.function(named: "bpf_cast_to_kern_ctx"))
    knownLayout.withLock { $0 = layout }
    return layout
  }
}
