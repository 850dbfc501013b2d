import Glibc

/// The progress of a long command, on standard error if that is a terminal.
final class ProgressBar {
  private let isShown = isatty(STDERR_FILENO) == 1
  private var last = ""

  func show(_ what: String, _ done: Int, _ all: Int) {
    guard isShown else { return }
    let width = 30
    let filled = all > 0 ? min(width, done * width / all) : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    let text = "[\(bar)] \(what)"
    guard text != last else { return }
    last = text
    write("\r\u{1b}[K\(text)")
  }

  /// Erases the bar.
  func clear() {
    if isShown { write("\r\u{1b}[K") }
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
