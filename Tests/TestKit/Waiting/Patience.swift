import Glibc

extension Duration {
  /// How long to wait for what must come. It bounds a test that fails, and costs one that passes nothing; the machine may
  /// be busy with a hundred others, and with what else is compiled on it. TAPESTRY_TEST_PATIENCE sets the seconds, for a
  /// machine that is emulated.
  public static let patience = Duration.seconds(
    unsafe getenv("TAPESTRY_TEST_PATIENCE").flatMap { unsafe Int(String(cString: $0)) } ?? 120)

  /// The same, for programs that take a number of seconds: `ping -W`.
  public static let patienceInSeconds = "\(patience.components.seconds)"
}
