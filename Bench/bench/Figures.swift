import Histogram

/// Percentiles of a distribution.
struct Percentiles: Encodable {
  let p50: UInt64
  let p99: UInt64
  let p999: UInt64
  let p9999: UInt64
  let max: UInt64

  init(_ histogram: Histogram<UInt64>) {
    p50 = histogram.valueAtPercentile(50)
    p99 = histogram.valueAtPercentile(99)
    p999 = histogram.valueAtPercentile(99.9)
    p9999 = histogram.valueAtPercentile(99.99)
    max = histogram.max
  }
}

/// The same in microseconds.
struct Microseconds: Encodable {
  let p50: Double
  let p99: Double
  let p999: Double
  let p9999: Double
  let max: Double

  init(_ histogram: Histogram<UInt64>) {
    func value(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1000 }
    p50 = value(50)
    p99 = value(99)
    p999 = value(99.9)
    p9999 = value(99.99)
    max = Double(histogram.max) / 1000
  }
}

/// A round trip to the bare echo server.
struct WireFloor: Encodable {
  let us: Microseconds
}

/// Order to report over TCP, and the echo of the same run taken away.
struct WireRoundTrip: Encodable {
  let us: Microseconds
  let ratioP50: Double
  let ratioP99: Double
  let addedUsP50: Double
}

struct DurableFigures: Encodable {
  let us: Microseconds
  let ordersPerSecond: Double
}

/// What a workload driven through an engine in process gave.
struct EngineFigures: Encodable {
  let operations: Int
  /// Median of the timed passes.
  let opsPerSecond: Double
  let slowestPass: Double
  let fastestPass: Double
  /// Median with the auditor running as in the release server; kernel only.
  var opsPerSecondAudited: Double?
  /// One operation, in a pass of its own that reads the clock after each.
  let ns: Percentiles
  let digest: String
  let trades: UInt64
  /// Digest, trades, volume, live orders: all as the workload says.
  let isRight: Bool
  var allocationsPerCommand: Double?
  var instructionsPerCommand: Double?
}

/// A histogram of nanoseconds up to ten seconds, to three digits.
func nanosecondHistogram() -> Histogram<UInt64> {
  Histogram(highestTrackableValue: 10_000_000_000, numberOfSignificantValueDigits: .three)
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.count % 2 == 1
    ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
}

/// Everything that one run of the suite measured, as it stands in the JSON file.
struct Figures: Encodable {
  let machine: Machine
  let quick: Bool
  /// By workload.
  var book: [String: EngineFigures] = [:]
  var kernel = KernelFigures()
  var wire = WireFigures()
  var durable = DurableModes()
  var scaling = ScalingFigures()
  var mark = MarkFigures()
  var storm: StormFigures?

  /// Whether every engine came to the trades that its workload says, and every margin was right.
  var isRight: Bool {
    (Array(book.values) + Array(kernel.standard.values) + Array(kernel.portfolio.values)).allSatisfy(\.isRight)
      && (scaling.all + mark.all).allSatisfy(\.isRight) && storm?.isRight != false
  }

  /// By mode of the accounts: a fill between accounts with so many positions.
  struct ScalingFigures: Encodable {
    var positions: [String: [ScalingPoint]] = [:]
    var all: [ScalingPoint] { positions.values.flatMap { $0 } }
  }

  /// By mode of the accounts: a mark move with so many holders.
  struct MarkFigures: Encodable {
    var sweep: [String: [ScalingPoint]] = [:]
    /// A move by which one holder in a hundred is called, once; Ticks included.
    var crossing: [String: [ScalingPoint]] = [:]
    var all: [ScalingPoint] { (Array(sweep.values) + Array(crossing.values)).flatMap { $0 } }
  }

  /// By poll mode.
  struct WireFigures: Encodable {
    var floor: [String: WireFloor] = [:]
    var rtt: [String: WireRoundTrip] = [:]
    var pipelinedOrdersPerSecond: Double?
  }

  struct DurableModes: Encodable {
    var batch: DurableFigures?
    var os: DurableFigures?
    var none: DurableFigures?
    /// The bare write and sync of the same run.
    var fdatasyncUs: Microseconds?
  }

  struct KernelFigures: Encodable {
    var standard: [String: EngineFigures] = [:]
    var portfolio: [String: EngineFigures] = [:]
  }
}
