import ToolSupport
import Wire

/// What this program is, for `--version` and the server's log.
enum Version {
  static let number = "0.1.0"

  static var text: String {
    """
    lockstep \(number), protocol schema \(Schema.id) version \(Schema.version)
    compiled with Swift \(compiler), \(build) build, \(architecture)
    CPU features: \(features.isEmpty ? "unknown" : features.joined(separator: " "))
    """
  }

  static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }

  static var build: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }

  /// Those that matter to this program, as the kernel lists them.
  static var features: [String] {
    let interesting: Set = ["sse4_2", "avx2", "bmi2", "avx512f", "crc32", "asimd"]
    guard let text = try? readText("/proc/cpuinfo") else { return [] }
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
    let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" }) ?? []
    return words.map(String.init).filter { interesting.contains($0) }
  }
}
