/// The direction of a transfer between the packet and a register.
public enum Access: Hashable, Sendable {
  /// Loads from the packet into a register.
  case load(Register)
  /// Stores from a register into the packet.
  case store(Register)
}
