import Workload

/// Measures one engine on one workload: some passes for the rate, one for the percentiles, each with a fresh engine.
func measureEngine<E: Engine & ~Copyable>(
  _ workload: Workload, passes: Int, make: () -> E, makeAudited: (() -> E)? = nil
) -> EngineFigures {
  var rates: [Double] = []
  var auditedRates: [Double] = []
  var allocations = 0.0
  var isRight = true
  for _ in 0..<passes {
    var pass = Pass(workload, engine: make())
    let measured = pass.measure()
    rates.append(measured.opsPerSecond)
    allocations = max(allocations, measured.allocations)
    isRight = isRight && pass.result().isRight
    if let makeAudited {
      var audited = Pass(workload, engine: makeAudited())
      auditedRates.append(audited.measure().opsPerSecond)
      isRight = isRight && audited.result().isRight
    }
  }
  var histogram = nanosecondHistogram()
  var pass = Pass(workload, engine: make())
  pass.record(into: &histogram)
  let result = pass.result()
  return EngineFigures(
    operations: workload.operations.count - Int(workload.header.prefillCount), opsPerSecond: median(rates),
    slowestPass: rates.min() ?? 0, fastestPass: rates.max() ?? 0,
    opsPerSecondAudited: auditedRates.isEmpty ? nil : median(auditedRates), ns: Percentiles(histogram),
    digest: hexadecimal(result.digest), trades: result.trades, isRight: isRight && result.isRight,
    allocationsPerCommand: allocations)
}

func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
