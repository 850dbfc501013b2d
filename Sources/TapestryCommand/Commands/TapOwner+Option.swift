import Tapestry

extension TapOwner {
  /// `UID` or `UID:GID`, in decimal.
  /// - Throws: `INVALID_OWNER`.
  init(option text: String) throws(TapestryError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt32(part) : nil
    }
    // 4294967295 is (uid_t)-1, which the kernel takes for no user at all.
    guard (1...2).contains(parts.count), numbers.count == parts.count, !numbers.contains(.max) else {
      throw TapestryError(
        .invalidOwner, "Invalid owner '\(text)': expected UID or UID:GID in decimal numbers, as 'id -u' prints them")
    }
    self.init(uid: numbers[0], gid: numbers.count == 2 ? numbers[1] : nil)
  }
}
