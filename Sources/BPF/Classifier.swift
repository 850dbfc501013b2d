import CLinux
public import Linux

/// A program that the kernel has loaded to look at packets (BPF_PROG_TYPE_SCHED_CLS), for as long as this value, or a
/// filter that it was given to, is there.
public struct Classifier: ~Copyable {
  public let descriptor: OwnedFileDescriptor

  /// BPF_PROG_LOAD of bpf(2).
  /// - Parameters:
  ///   - name: As bpftool(8) lists it: at most 15 bytes.
  ///   - license: Functions such as `readKernel` are for programs under the GPL, or under the GPL among others.
  /// - Throws: `SystemError`: EPERM without CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN (before Linux 5.8: CAP_SYS_ADMIN), or
  ///   where the kernel is locked down; ENOSYS for a kernel without BPF; EINVAL and EACCES for a program that it refuses,
  ///   whose last word on it is in `operation`.
  public init(_ program: [Instruction], name: String, license: String) throws(SystemError) {
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
      owning: try valueOrError(result, "load BPF program \(name)" + (last.map { " (the verifier: \($0))" } ?? "")))
  }
}
