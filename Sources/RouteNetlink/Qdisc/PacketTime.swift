/// Converts bytes to transmission time at a rate, as the packet schedulers do: psched_ratecfg_precompute in
/// net/sched/sch_generic.c. The kernel multiplies and shifts instead of dividing, rounds down, and reports the time in
/// ticks of 64 ns. What is read back is compared with what was written, so this rounds as the kernel does.
struct PacketTime {
  private let multiplier: UInt32
  private let shift: UInt64

  /// PSCHED_SHIFT: log2 of the nanoseconds in a tick.
  private static let tickShift: UInt64 = 6

  /// - Parameter rate: The rate in bytes per second, at least 1.
  init(rate: UInt64) {
    // Use all bits of the multiplier.
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

  /// Returns the fewest bytes that take this many ticks, limited to the largest UInt32.
  func bytes(_ ticks: UInt32) -> UInt32 {
    guard multiplier > 0 else { return ticks == 0 ? 0 : .max }
    let (whole, rest) = (UInt128(ticks) << UInt128(shift + Self.tickShift)).quotientAndRemainder(
      dividingBy: UInt128(multiplier))
    return UInt32(clamping: whole + (rest > 0 ? 1 : 0))
  }
}
