/// Assembles a program. A jump names a label, which is placed after the jump: programs have no loops.
public struct Assembler: Sendable {
  /// A place in the program to jump to.
  public struct Label: Hashable, Sendable {
    fileprivate let number: Int
  }

  private var instructions: [Instruction] = []
  private var jumps: [(place: Int, label: Label)] = []
  private var places: [Label: Int] = [:]
  private var labels = 0

  /// An assembler without instructions.
  public init() {}

  /// Returns a new label. `place` says where it is.
  public mutating func label() -> Label {
    labels += 1
    return Label(number: labels)
  }

  /// Appends an instruction.
  public mutating func append(_ instruction: Instruction) { instructions.append(instruction) }

  /// Appends a jump to the label, taken if the condition holds.
  public mutating func jump(
    _ condition: Instruction.Condition, _ register: Instruction.Register, _ operand: Instruction.Operand,
    to label: Label
  ) {
    jumps.append((instructions.count, label))
    instructions.append(.jump(condition, register, operand, offset: 0))
  }

  /// Appends an unconditional jump to the label.
  public mutating func jump(to label: Label) { jump(.always, .r0, .value(0), to: label) }

  /// Places the label at the next instruction.
  public mutating func place(_ label: Label) { places[label] = instructions.count }

  /// The program, with the jumps' offsets filled in. A jump to a label that was never placed leads past the end of the
  /// program; the kernel refuses such a program.
  public var program: [Instruction] {
    var program = instructions
    for (place, label) in jumps {
      program[place].offset = Int16(clamping: (places[label] ?? instructions.count) - place - 1)
    }
    return program
  }
}
