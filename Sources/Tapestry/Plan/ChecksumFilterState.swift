/// Whether the kernel drops guests' frames whose checksum offset points to anything but a checksum field.
enum ChecksumFilterState: Hashable, Sendable {
  case inPlace
  case missing
  /// The reason why the kernel or the process's privilege does not allow it.
  case unsupported(String)
}
