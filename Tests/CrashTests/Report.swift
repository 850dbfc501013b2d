import Glibc

/// What the campaigns came to: a line each on standard output, and in the file that `TAPESTRY_CRASH_REPORT` names, of
/// fields `name=value` with tabs in between.
enum Report {
  static func add(_ fields: [(name: String, value: String)]) {
    let line = fields.map { "\($0.name)=\($0.value)" }.joined(separator: "\t")
    let extent = Settings.triesAll ? "all points" : "a sample, seed \(Settings.seed)"
    print("crash tests (\(extent)): \(line.replacing("\t", with: ", "))")
    guard let path = Settings.reportPath, let file = unsafe fopen(path, "a") else { return }
    unsafe fputs(line + "\n", file)
    unsafe fclose(file)
  }
}
