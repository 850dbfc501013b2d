import Glibc
import TestKit

/// What the order and the moments of these tests are drawn from: `TAPESTRY_TEST_SEED`, to have the same again.
enum Seed {
  static let value: UInt64 =
    unsafe getenv("TAPESTRY_TEST_SEED").flatMap { unsafe UInt64(String(cString: $0)) } ?? .random(in: 1...999_999)

  static var generator: SeededGenerator { SeededGenerator(seed: value) }
}
