import Client
import Histogram
import ToolSupport
import Values
import Wire

/// What the demo counts.
struct DemoFigures {
  private(set) var requests: UInt64 = 0
  private(set) var fills: UInt64 = 0
  private(set) var rejects: [RejectReason: UInt64] = [:]
  private var latency = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  private var intervalStart: Int64 = 0
  private var requestsBefore: UInt64 = 0
  private(set) var requestsPerSecond: Double = 0

  mutating func sent() { requests += 1 }

  mutating func heard(_ event: Event, latency nanoseconds: Int64?) {
    if case .filled(let fill) = event, fill.liquidity == .taker { fills += 1 }
    if let reason = event.rejection?.reason { rejects[reason, default: 0] += 1 }
    if let nanoseconds { latency.record(UInt64(max(0, nanoseconds))) }
  }

  /// Ends an interval for the current rate.
  mutating func mark(at now: Int64) {
    if intervalStart > 0, now > intervalStart {
      requestsPerSecond = Double(requests - requestsBefore) / (Double(now - intervalStart) / 1e9)
    }
    intervalStart = now
    requestsBefore = requests
  }

  /// A percentile of the time from sending a request to its first report, in microseconds.
  func latency(_ percentile: Double) -> String {
    latency.totalCount == 0 ? "–" : Decimal.format(latency.valueAtPercentile(percentile) / 1000)
  }

  var answered: UInt64 { latency.totalCount }

  /// Rejects because of margin or money.
  var marginRejects: UInt64 {
    let reasons: [RejectReason] = [
      .belowMaintenance, .insufficientMargin, .insufficientBalance, .noPriceCap, .positionLimit, .notionalLimit,
    ]
    return reasons.reduce(0) { $0 + rejects[$1, default: 0] }
  }

  /// The most frequent reject reasons.
  var rejectText: String {
    let sorted = rejects.sorted { ($0.value, $0.key.rawValue) > ($1.value, $1.key.rawValue) }
    return sorted.prefix(5).map { "\($0.key) \(Decimal.format($0.value))" }.joined(separator: ", ")
  }

  var line: String {
    "\(Decimal.format(Int(requestsPerSecond))) requests/s, latency p50 \(latency(50)) p99 \(latency(99)) "
      + "p99.9 \(latency(99.9)) µs, \(Decimal.format(fills)) trades, \(Decimal.format(marginRejects)) margin rejects"
  }
}
