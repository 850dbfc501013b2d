import Testing

/// The input that is being tried, for the words of a failure.
enum Trial {
  @TaskLocal static var input: [UInt8] = []
}

/// What must hold, or the test fails and names the input: a file for the corpus.
func hold(_ condition: Bool, _ words: @autoclosure () -> String) {
  guard !condition else { return }
  let hex = Trial.input.map { String($0 >> 4, radix: 16) + String($0 & 0xf, radix: 16) }.joined()
  Issue.record("\(words())\n  with the input (xxd -r -p): \(hex)")
}
