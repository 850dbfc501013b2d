import BPF
import Testing

/// Golden bytes: what clang's integrated assembler makes of the same text for BPF.
@Suite("Instructions of BPF")
struct InstructionTests {
  @Test(
    "are encoded as the kernel reads them",
    arguments: [
      // r6 = r1
      (Instruction.compute(.move, .r6, .register(.r1)), "bf 16 00 00 00 00 00 00"),
      // r1 += -16
      (.compute(.add, .r1, .value(-16)), "07 01 00 00 f0 ff ff ff"),
      // r7 -= r9
      (.compute(.subtract, .r7, .register(.r9)), "1f 97 00 00 00 00 00 00"),
      // r1 >>= 5
      (.compute(.shiftRight, .r1, .value(5)), "77 01 00 00 05 00 00 00"),
      // r1 = *(u16 *)(r10 - 16)
      (.load(.half, .r1, from: .r10, at: -16), "69 a1 f0 ff 00 00 00 00"),
      // r1 = *(u64 *)(r10 - 16)
      (.load(.double, .r1, from: .r10, at: -16), "79 a1 f0 ff 00 00 00 00"),
      // r1 = be16 r1
      (.fromNetworkOrder(.r1), "dc 01 00 00 10 00 00 00"),
      // if r8 != 6 goto +3
      (.jump(.notEqual, .r8, .value(6), offset: 3), "55 08 03 00 06 00 00 00"),
      // if r7 s>= 20 goto +1
      (.jump(.atLeast, .r7, .value(20), offset: 1), "75 07 01 00 14 00 00 00"),
      // goto +2
      (.jump(.always, .r0, .value(0), offset: 2), "05 00 02 00 00 00 00 00"),
      // call 113
      (.call(.readKernel), "85 00 00 00 71 00 00 00"),
      // call a kernel function by its type's id
      (.call(kernelFunction: 0x1_2345), "85 20 00 00 45 23 01 00"),
      // exit
      (.exit, "95 00 00 00 00 00 00 00"),
    ])
  func golden(instruction: Instruction, hex: String) {
    #expect(instruction.bytes == hex.split(separator: " ").compactMap { UInt8($0, radix: 16) })
  }

  @Test("jump to labels, over what stands between")
  func labels() {
    var code = Assembler()
    let (there, end) = (code.label(), code.label())
    code.jump(.equal, .r1, .value(1), to: there)
    code.append(.compute(.move, .r0, .value(0)))
    code.jump(to: end)
    code.place(there)
    code.append(.compute(.move, .r0, .value(1)))
    code.place(end)
    code.append(.exit)
    #expect(code.program.map(\.offset) == [2, 0, 1, 0, 0])
  }
}
