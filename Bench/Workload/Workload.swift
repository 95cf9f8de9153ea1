/// A stream of orders with the results that a price-time engine must come to.
///
/// About 1,000 orders a side and book are held by a mix of 45 % passive orders, 40 % cancels, 10 % orders that trade and
/// 5 % amends around a price that walks; instruments are drawn by Zipf's law. The same arguments give the same bytes.
public struct Workload: Sendable {
  public let header: WorkloadHeader
  public let operations: [Operation]

  /// - Parameters:
  ///   - instruments: at most 65,536.
  ///   - timed: operations after the 2,000 for each instrument that fill its book.
  ///   - accounts: at least 10.
  ///   - reducePercent: how many of 100 amends lower the quantity in place.
  public init(instruments: Int, timed: Int, seed: UInt64, accounts: Int = 1000, reducePercent: Int = 0) {
    var generator = WorkloadGenerator(
      instruments: instruments, timed: timed, seed: seed, accounts: accounts, reducePercent: reducePercent)
    generator.run()
    header = generator.finishedHeader()
    operations = generator.operations
  }

  /// The bytes of the workload file: the header, then the operations.
  public func withFileBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try withUnsafeBytes(of: header) { try body($0) }
    try operations.withUnsafeBytes { try body($0) }
  }
}
