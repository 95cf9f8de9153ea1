import Glibc
import Values

/// The server's log: one line per event, for people. Never holds secrets (signatures, nonces).
public struct Log: Sendable {
  /// How much a line matters.
  public enum Level: String, Sendable {
    case info = "INFO "
    case warning = "WARN "
    case error = "ERROR"
  }

  private let write: @Sendable (String) -> Void

  /// A log whose lines, without line end, go to `write`.
  public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// A log on standard error.
  public static var standardError: Log {
    Log { line in
      var bytes = Array(line.utf8)
      bytes.append(UInt8(ascii: "\n"))
      _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
  }

  func info(_ text: @autoclosure () -> String) { line(.info, text()) }
  func warning(_ text: @autoclosure () -> String) { line(.warning, text()) }
  func error(_ text: @autoclosure () -> String) { line(.error, text()) }

  private func line(_ level: Level, _ text: String) {
    write("\(Log.utc(Clock.wall)) \(level.rawValue) \(text)")
  }

  /// `time` as 2026-01-31T12:34:56.123456Z.
  static func utc(_ time: Timestamp) -> String {
    var seconds = time_t(time.rawValue / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let date = "\(parts.tm_year + 1900)-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
    let clock = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
    return "\(date)T\(clock).\(digits(Int(time.rawValue / 1000 % 1_000_000), 6))Z"
  }
}
