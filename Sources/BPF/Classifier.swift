import CLinux
public import Linux

/// A packet classifier loaded into the kernel (BPF_PROG_TYPE_SCHED_CLS). It stays loaded as long as this value or a
/// filter that uses it exists.
public struct Classifier: ~Copyable {
  /// The program's fd.
  public let descriptor: OwnedFileDescriptor

  /// Loads a program: BPF_PROG_LOAD of bpf(2).
  /// - Parameters:
  ///   - program: The instructions.
  ///   - name: The name in bpftool(8), cut to 15 bytes.
  ///   - license: The program's license. Functions such as `readKernel` need a GPL-compatible one.
  /// - Throws: `KernelError`: EPERM without CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN (before Linux 5.8: CAP_SYS_ADMIN), or
  ///   under kernel lockdown; ENOSYS if the kernel has no BPF; EINVAL or EACCES if the verifier refuses the program, with
  ///   the last line of its log in `operation`.
  public init(_ program: [Instruction], name: String, license: String) throws(KernelError) {
    let bytes = program.flatMap(\.bytes)
    var log = [UInt8](repeating: 0, count: 64 << 10)
    let result = unsafe bytes.withUnsafeBytes { bytes in
      unsafe log.withUnsafeMutableBytes { log in
        unsafe clinux_bpf_load_classifier(
          bytes.baseAddress, UInt32(program.count), name, license, log.baseAddress, UInt32(log.count))
      }
    }
    let words = String(decoding: log.prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
    let last = words.last { !$0.hasPrefix("processed ") }
    descriptor = OwnedFileDescriptor(
      owning: try valueOrError(result, "load BPF program \(name)" + (last.map { " (verifier: \($0))" } ?? "")))
  }
}
