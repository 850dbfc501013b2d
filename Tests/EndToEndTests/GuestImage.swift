import Glibc
import Testing

/// The Linux guest that Scripts/build-guest makes of Debian's packages, and how QEMU is to run it.
enum GuestImage {
  /// TAPESTRY_GUEST_DIR, or `.cache/guest` of the package.
  static let directory = environment("TAPESTRY_GUEST_DIR") ?? packageRoot + "/.cache/guest"
  /// TAPESTRY_GUEST_ACCEL: `kvm` where a trial has shown that it boots the guest.
  static let accelerator = environment("TAPESTRY_GUEST_ACCEL") ?? "tcg"

  static let kernel = directory + "/vmlinuz"
  static let initialRAMDisk = directory + "/initramfs.cpio.gz"
  /// A static one, for the host's side.
  static let busybox = directory + "/busybox"
  static let qemu = "qemu-system-x86_64"

  /// The first file that is not there; nil when all are.
  static var missing: String? {
    for file in [kernel, initialRAMDisk, busybox] where unsafe access(file, R_OK) != 0 { return file }
    let folders = (environment("PATH") ?? "").split(separator: ":")
    return folders.contains { unsafe access("\($0)/\(qemu)", X_OK) == 0 } ? nil : qemu
  }

  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  private static let packageRoot: String = {
    // PACKAGE/Tests/EndToEndTests/GuestImage.swift
    let parts = #filePath.split(separator: "/").dropLast(3)
    return parts.reduce(into: "") { $0 += "/" + $1 }
  }()
}

extension Trait where Self == ConditionTrait {
  /// For a test that boots the guest. Without it the test is skipped, but where the environment says `CI=true` it runs,
  /// and so fails.
  static var needsGuest: Self {
    .enabled("needs the guest and QEMU: run Scripts/install-packages guest, then Scripts/build-guest") {
      GuestImage.missing == nil || GuestImage.environment("CI") == "true"
    }
  }
}
