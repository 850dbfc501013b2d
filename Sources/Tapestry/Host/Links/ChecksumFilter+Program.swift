import BPF

extension ChecksumFilter {
  /// CHECKSUM_PARTIAL of linux/skbuff.h.
  private static let partial: Int32 = 3
  /// TC_ACT_UNSPEC: continue with the next filter.
  private static let passes: Int32 = -1
  /// TC_ACT_SHOT.
  private static let drops: Int32 = 2

  static func program(_ layout: PacketLayout) -> [Instruction] {
    var code = Assembler()
    let (pass, drop) = (code.label(), code.label())

    code.append(.compute(.move, .r6, .register(.r1)))
    code.readByte(of: layout.encapsulationBit / 8, by: layout.cast, orGoTo: drop)
    code.append(.compute(.and, .r1, .value(1 << Int32(layout.encapsulationBit % 8))))
    code.jump(.notEqual, .r1, .value(0), to: drop)

    code.readByte(of: layout.checksumStateBit / 8, by: layout.cast, orGoTo: drop)
    code.append(.compute(.shiftRight, .r1, .value(Int32(layout.checksumStateBit % 8))))
    code.append(.compute(.and, .r1, .value(0b11)))
    code.jump(.notEqual, .r1, .value(partial), to: pass)

    // r7: the offset of the checksum from the start of the frame.
    code.read(2, of: layout.checksumStart, orGoTo: drop)
    code.append(.load(.half, .r7, from: .r10, at: Assembler.buffer))
    code.read(2, of: layout.checksumOffset, orGoTo: drop)
    code.append(.load(.half, .r1, from: .r10, at: Assembler.buffer))
    code.append(.compute(.add, .r7, .register(.r1)))
    code.read(8, of: layout.head, orGoTo: drop)
    code.append(.load(.double, .r1, from: .r10, at: Assembler.buffer))
    code.append(.compute(.add, .r7, .register(.r1)))
    code.read(8, of: layout.data, orGoTo: drop)
    code.append(.load(.double, .r1, from: .r10, at: Assembler.buffer))
    code.append(.compute(.subtract, .r7, .register(.r1)))

    code.findTransport(orGoTo: drop)
    code.append(.compute(.subtract, .r7, .register(.r9)))
    code.judge(passTo: pass)
    code.place(drop)
    code.append(.compute(.move, .r0, .value(drops)))
    code.append(.exit)
    code.place(pass)
    code.append(.compute(.move, .r0, .value(passes)))
    code.append(.exit)
    return code.program
  }
}

extension Assembler {
  /// A buffer of 16 bytes on the program's stack, for the bytes read last.
  fileprivate static let buffer: Int16 = -16

  /// Reads bytes of the packet's `struct sk_buff`. r6 points to the program's own smaller context; at run time it is the
  /// kernel's structure.
  fileprivate mutating func read(_ count: Int32, of offset: Int, orGoTo failure: Label) {
    append(.compute(.move, .r1, .register(.r10)))
    append(.compute(.add, .r1, .value(Int32(Self.buffer))))
    append(.compute(.move, .r2, .value(count)))
    append(.compute(.move, .r3, .register(.r6)))
    append(.compute(.add, .r3, .value(Int32(clamping: offset))))
    append(.call(.readKernel))
    jump(.notEqual, .r0, .value(0), to: failure)
  }

  /// Reads a byte of the packet's `struct sk_buff` into r1.
  /// - Parameter cast: The kernel's function that makes of the program's context a pointer to the kernel's structure. The
  ///   kernel replaces the call by a move.
  fileprivate mutating func readByte(of offset: Int, by cast: Int32?, orGoTo failure: Label) {
    guard let cast else {
      read(1, of: offset, orGoTo: failure)
      return append(.load(.byte, .r1, from: .r10, at: Self.buffer))
    }
    append(.compute(.move, .r1, .register(.r6)))
    append(.call(kernelFunction: cast))
    append(.load(.byte, .r1, from: .r0, at: Int16(clamping: offset)))
  }

  /// Reads bytes of the frame.
  fileprivate mutating func load(_ count: Int32, at offset: Int32, orGoTo failure: Label) {
    append(.compute(.move, .r1, .register(.r6)))
    append(.compute(.move, .r2, .value(offset)))
    append(.compute(.move, .r3, .register(.r10)))
    append(.compute(.add, .r3, .value(Int32(Self.buffer))))
    append(.compute(.move, .r4, .value(count)))
    append(.call(.loadBytes))
    jump(.notEqual, .r0, .value(0), to: failure)
  }

  private mutating func loadHalf(at offset: Int16) {
    append(.load(.half, .r1, from: .r10, at: Self.buffer + offset))
    append(.fromNetworkOrder(.r1))
  }

  /// Finds the transport header. r8: the protocol; r9: the offset of its header. There is none behind an IPv6 extension
  /// header, in a fragment, or in a frame that is not IP.
  fileprivate mutating func findTransport(orGoTo failure: Label) {
    let (ipv4, found) = (label(), label())
    load(2, at: 12, orGoTo: failure)
    loadHalf(at: 0)
    jump(.equal, .r1, .value(0x0800), to: ipv4)
    jump(.notEqual, .r1, .value(0x86dd), to: failure)

    load(1, at: 20, orGoTo: failure)
    append(.load(.byte, .r8, from: .r10, at: Self.buffer))
    append(.compute(.move, .r9, .value(14 + 40)))
    jump(to: found)

    place(ipv4)
    load(10, at: 14, orGoTo: failure)
    append(.load(.byte, .r9, from: .r10, at: Self.buffer))
    append(.compute(.and, .r9, .value(0x0f)))
    append(.compute(.shiftLeft, .r9, .value(2)))
    append(.compute(.add, .r9, .value(14)))
    loadHalf(at: 6)
    append(.compute(.and, .r1, .value(0x3fff)))
    jump(.notEqual, .r1, .value(0), to: failure)
    append(.load(.byte, .r8, from: .r10, at: Self.buffer + 9))
    place(found)
  }

  /// Passes the frame if the checksum may go there. r7: the offset of the checksum from the header of r8's protocol.
  /// Everything that rules look at (ports, TCP flags, what follows a header of eight bytes) comes before the bytes that may
  /// be written.
  fileprivate mutating func judge(passTo pass: Label) {
    for (number, own, end) in [(6, 16, 20), (17, 6, 8)] as [(Int32, Int32, Int32)] {
      let other = label()
      jump(.notEqual, .r8, .value(number), to: other)
      jump(.equal, .r7, .value(own), to: pass)
      jump(.atLeast, .r7, .value(end), to: pass)
      place(other)
    }
    // Tunnel packets: IPv4, IPv6, GRE and L2TP in IP.
    let other = label()
    for number in [4, 41, 47, 115] as [Int32] {
      let next = label()
      jump(.notEqual, .r8, .value(number), to: next)
      jump(.atLeast, .r7, .value(8), to: pass)
      place(next)
    }
    place(other)
  }
}
