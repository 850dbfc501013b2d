import Glibc
import Logging
import Tapestry

/// A command's state file and log level.
struct CommandEnvironment: Equatable {
  var state: String?
  var isVerbose = false

  /// `--state`, else the environment variable TAPESTRY_STATE unless it is empty, else the library's default path.
  var statePath: String {
    if let state { return state }
    let path = unsafe getenv("TAPESTRY_STATE").map { unsafe String(cString: $0) } ?? ""
    return path.isEmpty ? NetworkManager.Options.defaultStatePath : path
  }

  /// Uses the engine rather than the actor around it: this process has one thread and exits after its command.
  /// - Parameter isJSON: Whether warnings are printed as JSON.
  func engine(asJSON isJSON: Bool) throws(TapestryError) -> Engine {
    var options = NetworkManager.Options(statePath: statePath)
    let level = isVerbose ? Logger.Level.debug : .notice
    options.logger = Logger(label: "tapestry") { _ in StandardErrorLog(logLevel: level, isJSON: isJSON) }
    return try Engine(options)
  }

  /// An engine for read-only commands. It creates no file.
  func readOnlyEngine() throws(TapestryError) -> Engine {
    try Engine(lookingAt: NetworkManager.Options(statePath: statePath))
  }

  /// Logs a step that the library does not log, with `-v`.
  func log(_ step: @autoclosure () -> String) {
    if isVerbose { StandardErrorLog.write(step()) }
  }
}

/// Writes log messages to standard error, one a line: with `-v` every step, otherwise only warnings.
private struct StandardErrorLog: LogHandler {
  var logLevel: Logger.Level
  var isJSON: Bool
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    if event.level < .notice {
      Self.write("\(event.message)")
    } else {
      printWarnings(["\(event.message)"], asJSON: isJSON)
    }
  }

  static func write(_ step: String) { Output.standardError("tapestry: \(step)") }
}
