import Glibc

/// The target that this run is of: the environment's TAPESTRY_FUZZ_TARGET. Without one the program lists them, each with
/// its longest input.
private let target: FuzzTarget = {
  guard let name = unsafe getenv("TAPESTRY_FUZZ_TARGET").map({ unsafe String(cString: $0) }) else {
    for target in FuzzTarget.all { print(target.name, target.longest) }
    // libFuzzer takes an exit(3) for a fault of the target.
    fflush(nil)
    _exit(0)
  }
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    fatalError("there is no target '\(name)'")
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
