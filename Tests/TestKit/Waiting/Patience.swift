extension Duration {
  /// How long to wait for what must come. It bounds a test that fails, and costs one that passes nothing; the machine may
  /// be busy with a hundred others.
  public static let patience = Duration.seconds(30)
}
