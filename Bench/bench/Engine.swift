import CBench
import Histogram
import Workload

/// Something that is measured, operation by operation.
protocol Steps: ~Copyable {
  /// Applies one operation.
  mutating func step(_ index: Int)
}

/// Something that a workload can be driven through.
protocol Engine: Steps, ~Copyable {
  /// Whether everything came out as the workload says, with what came out.
  borrowing func result() -> EngineResult
}

struct EngineResult {
  let digest: UInt64
  let trades: UInt64
  let isRight: Bool
}

/// One way through some operations with a fresh engine: those before them are applied, then the clock runs.
struct Pass<E: Steps & ~Copyable>: ~Copyable {
  var engine: E
  private let operations: Range<Int>

  init(_ operations: Range<Int>, engine: consuming E) {
    self.engine = engine
    self.operations = operations
    for index in 0..<operations.lowerBound { self.engine.step(index) }
  }

  /// Applies `range` and returns the seconds it took.
  @inline(never) mutating func run(_ range: Range<Int>) -> Double {
    let start = bench_now()
    for index in range { engine.step(index) }
    return Double(bench_now() - start) / 1e9
  }

  /// Applies all operations: operations a second, and allocations per operation after the first tenth.
  mutating func measure() -> (opsPerSecond: Double, allocations: Double) {
    let warm = operations.lowerBound + operations.count / 10
    let first = run(operations.lowerBound..<warm)
    let before = bench_allocation_count()
    let second = run(warm..<operations.upperBound)
    let allocations = bench_allocation_count() - before
    return (Double(operations.count) / (first + second), Double(allocations) / Double(operations.upperBound - warm))
  }

  /// Applies all operations and reads the clock after each.
  @inline(never) mutating func record(into histogram: inout Histogram<UInt64>) {
    var last = bench_now()
    for index in operations {
      engine.step(index)
      let now = bench_now()
      histogram.record(UInt64(now - last))
      last = now
    }
  }

  /// Applies the first tenth, then the rest under ``bench_measured(_:_:)``. Returns how many were counted.
  mutating func count() -> Int {
    let warm = operations.lowerBound + operations.count / 10
    _ = run(operations.lowerBound..<warm)
    let counted = warm..<operations.upperBound
    withUnsafeMutablePointer(to: &self) { pass in
      let body = MeasuredBody { _ = pass.pointee.run(counted) }
      bench_measured(
        { Unmanaged<MeasuredBody>.fromOpaque($0!).takeUnretainedValue().body() },
        Unmanaged.passUnretained(body).toOpaque())
    }
    return counted.count
  }
}

extension Pass where E: Engine & ~Copyable {
  /// A workload: the books are filled, then the clock runs.
  init(_ workload: Workload, engine: consuming E) {
    self.init(Int(workload.header.prefillCount)..<workload.operations.count, engine: engine)
  }

  func result() -> EngineResult { engine.result() }
}

/// A body on its way through C.
private final class MeasuredBody {
  let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }
}
