/// How long the packet schedulers take bytes to last at a rate: psched_ratecfg_precompute in net/sched/sch_generic.c. The
/// kernel multiplies and shifts instead of dividing, rounds down, and tells the time in ticks of 64 ns. What is read back
/// is compared with what was written, so this rounds as the kernel does.
struct PacketTime {
  private let multiplier: UInt32
  private let shift: UInt64

  /// log2 of a tick's nanoseconds: PSCHED_SHIFT.
  private static let tickShift: UInt64 = 6

  /// - Parameter rate: In bytes a second, at least 1.
  init(rate: UInt64) {
    // As many bits as the multiplier has room for.
    var nanoseconds: UInt64 = 1_000_000_000
    var shift: UInt64 = 0
    while (nanoseconds / rate) >> 31 == 0, nanoseconds >> 63 == 0 {
      nanoseconds <<= 1
      shift += 1
    }
    multiplier = UInt32(truncatingIfNeeded: nanoseconds / rate)
    self.shift = shift
  }

  func ticks(_ bytes: UInt32) -> UInt64 {
    (UInt64(bytes) * UInt64(multiplier)) >> (shift + Self.tickShift)
  }

  /// The fewest bytes that last so long, or the most that there can be.
  func bytes(_ ticks: UInt32) -> UInt32 {
    guard multiplier > 0 else { return ticks == 0 ? 0 : .max }
    let (whole, rest) = (UInt128(ticks) << UInt128(shift + Self.tickShift)).quotientAndRemainder(
      dividingBy: UInt128(multiplier))
    return UInt32(clamping: whole + (rest > 0 ? 1 : 0))
  }
}
