import Logging
import Tapestry

/// Where a command works, and how much it tells.
struct CommandEnvironment: Equatable {
  var state: String?
  var isVerbose = false

  /// `--state`, else the environment's TAPESTRY_STATE, else where the library keeps it. An empty variable is none.
  var statePath: String {
    if let state { return state }
    if let path = Environment.value("TAPESTRY_STATE"), !path.isEmpty { return path }
    return NetworkManager.Options.defaultStatePath
  }

  /// The engine itself rather than the actor around it: this process has one thread and ends with its command.
  func engine() throws(TapestryError) -> Engine {
    var options = NetworkManager.Options(statePath: statePath)
    let level = isVerbose ? Logger.Level.debug : .notice
    options.logger = Logger(label: "tapestry") { _ in StandardErrorLog(logLevel: level) }
    return try Engine(options)
  }

  /// One for commands that only look, which make no file.
  func lookingEngine() throws(TapestryError) -> Engine {
    try Engine(lookingAt: NetworkManager.Options(statePath: statePath))
  }

  /// One for commands that list what the file says, which warn where that is not so on this host.
  func listingEngine(asJSON isJSON: Bool) throws(TapestryError) -> Engine {
    let engine = try lookingEngine()
    if let error = engine.mismatch() { printWarnings(["\(error)"], asJSON: isJSON) }
    return engine
  }

  /// What the library does not tell by itself.
  func tell(_ step: @autoclosure () -> String) {
    if isVerbose { StandardErrorLog.write(step()) }
  }
}

/// What there is to say beside results, a line each on standard error; with `-v` every step.
private struct StandardErrorLog: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { Self.write("\(event.message)") }

  static func write(_ step: String) { Output.standardError("tapestry: \(step)") }
}
