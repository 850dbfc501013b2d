/// Whether the kernel drops guests' frames that have it write checksums where they do not belong.
enum ChecksumFilterState: Hashable, Sendable {
  case inPlace
  case missing
  /// With the reason why the kernel, or the process's privilege, does not allow it.
  case unsupported(String)
}
