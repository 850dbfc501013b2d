import CLinux
import Glibc

/// An error number of the kernel: errno(3). Callers switch on it, never on words.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  public var rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The number that the last failed C call of this thread left.
  static var current: Errno { Errno(rawValue: Glibc.errno) }

  public static let notPermitted = Errno(rawValue: EPERM)
  public static let noSuchFile = Errno(rawValue: ENOENT)
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  public static let interrupted = Errno(rawValue: EINTR)
  public static let ioError = Errno(rawValue: EIO)
  public static let noSuchDeviceOrAddress = Errno(rawValue: ENXIO)
  public static let badFileDescriptor = Errno(rawValue: EBADF)
  /// EBADFD: a TAP's descriptor, when the TAP has been deleted.
  public static let badDescriptorState = Errno(rawValue: EBADFD)
  public static let again = Errno(rawValue: EAGAIN)
  public static let noMemory = Errno(rawValue: ENOMEM)
  public static let permissionDenied = Errno(rawValue: EACCES)
  public static let busy = Errno(rawValue: EBUSY)
  public static let fileExists = Errno(rawValue: EEXIST)
  public static let noSuchDevice = Errno(rawValue: ENODEV)
  public static let invalidArgument = Errno(rawValue: EINVAL)
  public static let noSpace = Errno(rawValue: ENOSPC)
  public static let readOnlyFileSystem = Errno(rawValue: EROFS)
  public static let nameTooLong = Errno(rawValue: ENAMETOOLONG)
  /// ELOOP: too many symbolic links; or one, where none is to be followed.
  public static let tooManyLinks = Errno(rawValue: ELOOP)
  public static let directoryNotEmpty = Errno(rawValue: ENOTEMPTY)
  public static let exchangeFull = Errno(rawValue: EXFULL)
  public static let badMessage = Errno(rawValue: EBADMSG)
  public static let messageTooLong = Errno(rawValue: EMSGSIZE)
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  public static let notImplemented = Errno(rawValue: ENOSYS)
  public static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
  public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  /// ERESTART: nf_tables answers it when the ruleset's generation is not the one a batch was computed from.
  public static let restart = Errno(rawValue: ERESTART)
}

extension Errno: CustomStringConvertible {
  /// The symbol and the words of strerror(3): `ENODEV: No such device`.
  public var description: String {
    guard let name = unsafe clinux_errno_name(rawValue) else { return "errno \(rawValue)" }
    return unsafe "\(String(cString: name)): \(String(cString: strerror(rawValue)))"
  }
}

/// A system call that failed: which one, on what, and the kernel's answer.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, in the kernel's terms: `open /dev/net/tun`.
  public var operation: String
  public var errno: Errno

  public init(_ operation: String, _ errno: Errno) {
    self.operation = operation
    self.errno = errno
  }

  public var description: String { "\(operation): \(errno)" }
}

/// Turns the convention of `CLinux` (a value, or -errno) into a value or an error.
@inlinable
public func valueOrError<Value: SignedInteger>(
  _ result: Value, _ operation: @autoclosure () -> String
) throws(SystemError) -> Value {
  guard result >= 0 else { throw SystemError(operation(), Errno(rawValue: -Int32(result))) }
  return result
}
