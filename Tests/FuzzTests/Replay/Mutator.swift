import TestKit

/// Changes inputs as libFuzzer does, without looking at what they reach: seeded, so that a failure comes again.
struct Mutator {
  private var random: SeededGenerator
  private let corpus: [[UInt8]]
  private let longest: Int

  init(seed: UInt64, corpus: [[UInt8]], longest: Int) {
    random = SeededGenerator(seed: seed)
    self.corpus = corpus
    self.longest = longest
  }

  /// One of the corpus with one to four changes.
  mutating func next() -> [UInt8] {
    var bytes = corpus.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
    return Array(bytes.prefix(longest))
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let byte = UInt8.random(in: 0...255, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << (byte & 7)
    case 1 where place < bytes.count: bytes[place] = byte
    // Small numbers are lengths and types that are nearly right.
    case 2 where place < bytes.count: bytes[place] = byte & 0xf
    case 3 where place < bytes.count: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][Int(byte) % 5]
    case 4 where place < bytes.count: bytes.removeSubrange(place..<min(place + 1 + Int(byte & 7), bytes.count))
    case 5: bytes.insert(contentsOf: repeatElement(byte, count: 1 + Int(byte & 3)), at: place)
    case 6: bytes.removeSubrange(place...)
    default:
      // A piece of another input.
      let other = corpus.randomElement(using: &random) ?? []
      let start = Int.random(in: 0...other.count, using: &random)
      bytes.insert(contentsOf: other[start...].prefix(1 + Int(byte & 0x3f)), at: place)
    }
  }
}
