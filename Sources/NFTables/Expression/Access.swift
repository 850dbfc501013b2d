/// Which way a value goes between a packet and the registers.
public enum Access: Hashable, Sendable {
  /// From the packet into a register.
  case load(Register)
  /// From a register into the packet.
  case store(Register)
}
