/// Properties of the running kernel.
public enum Kernel {
  /// Returns the id of this boot, a random UUID: /proc/sys/kernel/random/boot_id.
  /// - Throws: `KernelError` of open(2) or read(2).
  public static func bootID() throws(KernelError) -> String {
    try File.readLine("/proc/sys/kernel/random/boot_id")
  }
}
