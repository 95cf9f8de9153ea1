import CBench
import Foundation

/// What the figures were measured on.
struct Machine: Encodable {
  let processor: String
  let cores: Int
  let memoryGigabytes: Int
  let system: String
  /// Nanoseconds that one reading of the clock takes: part of every percentile of the engines.
  let clockNs: Double

  init() {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    cores = ProcessInfo.processInfo.activeProcessorCount
    memoryGigabytes = Int(ProcessInfo.processInfo.physicalMemory >> 30)
    system = ProcessInfo.processInfo.operatingSystemVersionString
    clockNs = (0..<100).map { _ in Self.readClock(times: 1000) }.min() ?? 0
  }

  private static func readClock(times: Int) -> Double {
    let start = bench_now()
    for _ in 1..<times { _ = bench_now() }
    return Double(bench_now() - start) / Double(times)
  }
}
