import CLinux
import Glibc

/// A kernel error number: errno(3). Callers compare the number, never the text.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  /// The number, positive.
  public var rawValue: Int32

  /// The error with this number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// errno of the calling thread.
  static var current: Errno { Errno(rawValue: Glibc.errno) }

  /// EPERM.
  public static let notPermitted = Errno(rawValue: EPERM)
  /// ENOENT.
  public static let noSuchFile = Errno(rawValue: ENOENT)
  /// ESRCH.
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  /// EINTR.
  public static let interrupted = Errno(rawValue: EINTR)
  /// EIO.
  public static let ioError = Errno(rawValue: EIO)
  /// ENXIO.
  public static let noSuchDeviceOrAddress = Errno(rawValue: ENXIO)
  /// EBADF.
  public static let badFileDescriptor = Errno(rawValue: EBADF)
  /// EBADFD: the fd is a TAP's, and the TAP has been deleted.
  public static let badDescriptorState = Errno(rawValue: EBADFD)
  /// EAGAIN.
  public static let again = Errno(rawValue: EAGAIN)
  /// EACCES.
  public static let permissionDenied = Errno(rawValue: EACCES)
  /// EBUSY.
  public static let busy = Errno(rawValue: EBUSY)
  /// EEXIST.
  public static let fileExists = Errno(rawValue: EEXIST)
  /// ENODEV.
  public static let noSuchDevice = Errno(rawValue: ENODEV)
  /// EINVAL.
  public static let invalidArgument = Errno(rawValue: EINVAL)
  /// ENOSPC.
  public static let noSpace = Errno(rawValue: ENOSPC)
  /// EROFS.
  public static let readOnlyFileSystem = Errno(rawValue: EROFS)
  /// ELOOP: too many symbolic links, or a symbolic link with O_NOFOLLOW.
  public static let tooManyLinks = Errno(rawValue: ELOOP)
  /// ENOTEMPTY.
  public static let directoryNotEmpty = Errno(rawValue: ENOTEMPTY)
  /// EXFULL.
  public static let exchangeFull = Errno(rawValue: EXFULL)
  /// EBADMSG.
  public static let badMessage = Errno(rawValue: EBADMSG)
  /// EMSGSIZE.
  public static let messageTooLong = Errno(rawValue: EMSGSIZE)
  /// EOPNOTSUPP.
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  /// ENOSYS.
  public static let notImplemented = Errno(rawValue: ENOSYS)
  /// EPROTONOSUPPORT.
  public static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
  /// EAFNOSUPPORT.
  public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  /// EADDRINUSE.
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  /// EADDRNOTAVAIL.
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  /// ENETUNREACH.
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  /// ENOBUFS.
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  /// ETIMEDOUT.
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  /// ERESTART: nf_tables refuses a batch that was computed from another generation of the ruleset.
  public static let restart = Errno(rawValue: ERESTART)
}

extension Errno: CustomStringConvertible {
  /// The symbol and the text of strerror(3): `ENODEV: No such device`.
  public var description: String {
    guard let name = unsafe clinux_errno_name(rawValue) else { return "errno \(rawValue)" }
    return unsafe "\(String(cString: name)): \(String(cString: strerror(rawValue)))"
  }
}

/// Converts a result of `CLinux` (a value, or -errno).
/// - Throws: `KernelError` with the operation and the errno, if the result is negative.
@inlinable
public func valueOrError<Value: SignedInteger>(
  _ result: Value, _ operation: @autoclosure () -> String
) throws(KernelError) -> Value {
  guard result >= 0 else { throw KernelError(operation(), Errno(rawValue: -Int32(result))) }
  return result
}
