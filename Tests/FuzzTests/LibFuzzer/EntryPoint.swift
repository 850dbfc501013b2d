import Glibc

/// The target that this run is of: the environment's TAPESTRY_FUZZ_TARGET.
private let target: FuzzTarget = {
  let name = unsafe getenv("TAPESTRY_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    fatalError("TAPESTRY_FUZZ_TARGET is '\(name)'; there are: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
  }
  return target
}()

/// What libFuzzer calls with each input: https://llvm.org/docs/LibFuzzer.html
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// What must hold, or the input is one that libFuzzer keeps as a crash.
func hold(_ condition: Bool, _ words: @autoclosure () -> String) {
  if !condition { fatalError("does not hold: \(words())") }
}
