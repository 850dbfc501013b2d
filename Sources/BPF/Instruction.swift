import CLinux

/// One BPF instruction: `struct bpf_insn` of linux/bpf.h, RFC 9669.
public struct Instruction: Hashable, Sendable {
  /// r0 to r10. r0 holds a call's return value and, at exit, the program's return value. r1 to r5 hold arguments; a call
  /// clobbers them. A call preserves r6 to r9. r10 is the frame pointer (the end of the stack frame), read only.
  public enum Register: UInt8, Hashable, Sendable {
    /// The registers, by number.
    case r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10
  }

  /// The size of a load.
  public enum Size: UInt8, Hashable, Sendable {
    /// BPF_B: 1 byte.
    case byte = 0x10
    /// BPF_H: 2 bytes.
    case half = 0x08
    /// BPF_W: 4 bytes.
    case word = 0x00
    /// BPF_DW: 8 bytes.
    case double = 0x18
  }

  /// 64-bit arithmetic, BPF_ALU64: `dst = dst op operand`.
  public enum Arithmetic: UInt8, Hashable, Sendable {
    /// BPF_ADD.
    case add = 0x00
    /// BPF_SUB.
    case subtract = 0x10
    /// BPF_AND.
    case and = 0x50
    /// BPF_LSH.
    case shiftLeft = 0x60
    /// BPF_RSH, a logical shift.
    case shiftRight = 0x70
    /// BPF_MOV.
    case move = 0xb0
  }

  /// The condition of a jump, BPF_JMP: `dst op operand`.
  public enum Condition: UInt8, Hashable, Sendable {
    /// BPF_JA.
    case always = 0x00
    /// BPF_JEQ.
    case equal = 0x10
    /// BPF_JNE.
    case notEqual = 0x50
    /// BPF_JSGE: a signed comparison.
    case atLeast = 0x70
  }

  /// The second operand: a register (BPF_X) or an immediate value (BPF_K).
  public enum Operand: Hashable, Sendable {
    /// The value of a register.
    case register(Register)
    /// An immediate value, sign-extended to 64 bits.
    case value(Int32)
  }

  /// Helper functions of the kernel: `enum bpf_func_id`.
  public enum Function: Int32, Hashable, Sendable {
    /// bpf_skb_load_bytes `(skb, offset, to, length)`: copies bytes of the packet.
    case loadBytes = 26
    /// bpf_probe_read_kernel `(to, length, from)`: copies kernel memory. Linux 5.5; GPL-compatible programs only.
    case readKernel = 113
  }

  /// The opcode, `code`.
  public var code: UInt8
  /// The destination register, `dst_reg`.
  public var destination: UInt8 = 0
  /// The source register, `src_reg`.
  public var source: UInt8 = 0
  /// The offset of a load in bytes, or of a jump in instructions.
  public var offset: Int16 = 0
  /// The immediate value, `imm`.
  public var immediate: Int32 = 0

  /// BPF_ALU64: `destination = destination op operand`.
  public static func compute(_ operation: Arithmetic, _ destination: Register, _ operand: Operand) -> Instruction {
    Instruction(0x07 | operation.rawValue, destination, operand)
  }

  /// BPF_LDX with BPF_MEM: `dst = *(src + offset)`.
  public static func load(
    _ size: Size, _ destination: Register, from source: Register, at offset: Int16
  ) -> Instruction {
    Instruction(
      code: 0x61 | size.rawValue, destination: destination.rawValue, source: source.rawValue, offset: offset)
  }

  /// BPF_END with BPF_TO_BE: converts a 16-bit value from network to host byte order.
  public static func fromNetworkOrder(_ register: Register) -> Instruction {
    Instruction(code: 0xdc, destination: register.rawValue, immediate: 16)
  }

  /// BPF_JMP. The offset counts the instructions between this one and the jump's target.
  public static func jump(
    _ condition: Condition, _ register: Register, _ operand: Operand, offset: Int16
  ) -> Instruction {
    var instruction = Instruction(0x05 | condition.rawValue, register, operand)
    instruction.offset = offset
    return instruction
  }

  /// BPF_CALL of a helper function.
  public static func call(_ function: Function) -> Instruction {
    Instruction(code: 0x85, immediate: function.rawValue)
  }

  /// BPF_CALL of a function of the kernel's that is no helper (BPF_PSEUDO_KFUNC_CALL).
  /// - Parameter id: The id of its type: `TypeInformation.function(named:)`.
  public static func call(kernelFunction id: Int32) -> Instruction { Instruction(code: 0x85, source: 2, immediate: id) }

  /// BPF_EXIT: ends the program; it returns r0.
  public static let exit = Instruction(code: 0x95)

  private init(_ code: UInt8, _ destination: Register, _ operand: Operand) {
    self.code = code
    self.destination = destination.rawValue
    switch operand {
    case .register(let register):
      self.code |= 0x08
      source = register.rawValue
    case .value(let value): immediate = value
    }
  }

  private init(
    code: UInt8, destination: UInt8 = 0, source: UInt8 = 0, offset: Int16 = 0, immediate: Int32 = 0
  ) {
    self.code = code
    self.destination = destination
    self.source = source
    self.offset = offset
    self.immediate = immediate
  }

  /// The instruction as `struct bpf_insn`, in host byte order.
  public var bytes: [UInt8] {
    let registers = destination | source << 4
    return [code, registers] + Self.bytes(offset) + Self.bytes(immediate)
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
