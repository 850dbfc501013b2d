import BPF
import Linux
import TestKit
import Testing

@Suite("A BPF program that looks at packets", .needsKernel)
struct ClassifierTests {
  @Test("is loaded where the kernel can follow it")
  func load() throws {
    let program: [Instruction] = [.compute(.move, .r0, .value(-1)), .exit]
    _ = try Classifier(program, name: "test", license: "Dual BSD/GPL")
  }

  @Test("is refused with the verifier's word where it does not set its answer")
  func refusal() {
    do throws(KernelError) {
      _ = try Classifier([.exit], name: "test", license: "Dual BSD/GPL")
      Issue.record("it was loaded")
    } catch {
      #expect([.permissionDenied, .invalidArgument].contains(error.errno))
      #expect(error.operation.contains("R0"), "\(error.operation)")
    }
  }

  @Test("may not read the kernel's memory under another licence")
  func license() {
    let program: [Instruction] = [
      .compute(.move, .r3, .register(.r1)), .compute(.move, .r1, .register(.r10)),
      .compute(.add, .r1, .value(-8)), .compute(.move, .r2, .value(1)), .call(.readKernel),
      .compute(.move, .r0, .value(-1)), .exit,
    ]
    #expect(throws: KernelError.self) { _ = try Classifier(program, name: "test", license: "Apache-2.0") }
    #expect(throws: Never.self) { _ = try Classifier(program, name: "test", license: "Dual BSD/GPL") }
  }
}
