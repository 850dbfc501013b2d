public import Linux

extension KernelError {
  /// An answer that breaks the protocol: EBADMSG.
  public init(operation: String, _ failure: DecodingFailure, sequence: UInt32 = 0) {
    self.init(operation: operation, errno: .badMessage, kernelMessage: failure.description, sequence: sequence)
  }
}
