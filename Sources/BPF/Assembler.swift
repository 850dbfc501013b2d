/// Puts a program together. Jumps name labels, which come later: a program without loops.
public struct Assembler: Sendable {
  public struct Label: Hashable, Sendable {
    fileprivate let number: Int
  }

  private var instructions: [Instruction] = []
  private var jumps: [(place: Int, label: Label)] = []
  private var places: [Label: Int] = [:]
  private var labels = 0

  public init() {}

  public mutating func label() -> Label {
    labels += 1
    return Label(number: labels)
  }

  public mutating func append(_ instruction: Instruction) { instructions.append(instruction) }

  /// Goes on at the label where the condition holds.
  public mutating func jump(
    _ condition: Instruction.Condition, _ register: Instruction.Register, _ operand: Instruction.Operand,
    to label: Label
  ) {
    jumps.append((instructions.count, label))
    instructions.append(.jump(condition, register, operand, offset: 0))
  }

  public mutating func jump(to label: Label) { jump(.always, .r0, .value(0), to: label) }

  /// What comes next is where the label's jumps lead.
  public mutating func place(_ label: Label) { places[label] = instructions.count }

  /// The program. A jump to a label that was never placed leads past its end, which the kernel refuses.
  public var program: [Instruction] {
    var program = instructions
    for (place, label) in jumps {
      program[place].offset = Int16(clamping: (places[label] ?? instructions.count) - place - 1)
    }
    return program
  }
}
