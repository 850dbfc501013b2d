import Glibc
import Linux

/// What the environment says of how much is tried.
enum Settings {
  /// `TAPESTRY_CRASH=all`: every point, where otherwise a sample is taken.
  static let triesAll = variable("TAPESTRY_CRASH") == "all"

  /// `TAPESTRY_CRASH_SAMPLE`: how many points of each command a sample takes.
  static let sampleSize = variable("TAPESTRY_CRASH_SAMPLE").flatMap { Int($0) }

  /// `TAPESTRY_CRASH_COMMAND`: the one scenario that is tried, by its name.
  static let scenario = variable("TAPESTRY_CRASH_COMMAND")

  /// `TAPESTRY_CRASH_SEED`: the seed of the sample, to take the same one again.
  static let seed = variable("TAPESTRY_CRASH_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

  /// `TAPESTRY_CRASH_REPORT`: a file to which a line is added for each campaign.
  static let reportPath = variable("TAPESTRY_CRASH_REPORT")

  /// `TAPESTRY_BINARY`: the program under test; otherwise the one that was built with the tests.
  static let binary: String = {
    if let path = variable("TAPESTRY_BINARY") { return path }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let path = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/tapestry"
  }()

  static let searchPath = (variable("PATH") ?? "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"

  /// How many trials run at a time: more than there are processors, for a trial waits for the kernel now and then.
  static let width = 2 * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
