/// Facts about the running kernel.
public enum Kernel {
  /// The id of this boot: a random UUID the kernel draws when it starts.
  public static func bootID() throws(SystemError) -> String {
    try File.readLine("/proc/sys/kernel/random/boot_id")
  }
}
