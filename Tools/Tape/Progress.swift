import Glibc
import ToolSupport

/// Tells on standard error how far something has come: a bar on a terminal, a line every tenth otherwise.
public struct Progress {
  private let title: String
  private let total: Int
  private let isTerminal: Bool
  private let isSilent: Bool
  private let start = SteadyClock.now
  private var lastTenth = 0
  private var lastDrawn = 0.0
  private var isDrawn = false

  /// `total` is in the units of ``show(_:)``; 0: unknown.
  public init(_ title: String, total: Int, isSilent: Bool = false) {
    self.title = title
    self.total = total
    self.isSilent = isSilent
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// `done` of the total is done. Cheap when there is nothing new to show.
  public mutating func show(_ done: Int) {
    guard !isSilent, total > 0 else { return }
    let seconds = SteadyClock.now - start
    let tenth = done * 10 / total
    if isTerminal {
      guard seconds - lastDrawn > 0.1 || done == total else { return }
      lastDrawn = seconds
      isDrawn = true
      let width = 30
      let filled = min(width, done * width / total)
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      write("\r\(title) \(bar) \(done * 100 / total) %  \(rate(done, seconds))\u{1B}[K")
    } else if tenth > lastTenth && (seconds > 1 || done == total) {
      lastTenth = tenth
      write(
        "\(title): \(done * 100 / total) %, \(Decimal.format(done)) of \(Decimal.format(total)), \(rate(done, seconds))\n"
      )
    }
  }

  /// Takes the bar away, so that what is printed next begins on a clean line.
  public mutating func finish() {
    if isDrawn { write("\r\u{1B}[K") }
    isDrawn = false
  }

  private func rate(_ done: Int, _ seconds: Double) -> String {
    seconds > 0 ? "\(Decimal.format(Int(Double(done) / seconds)))/s" : ""
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}

/// A clock for durations, in seconds.
enum SteadyClock {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
