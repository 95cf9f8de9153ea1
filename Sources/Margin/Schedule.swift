import Values

/// One row of a bracket table.
@frozen public struct Bracket: BitwiseCopyable, Equatable, Sendable {
  /// Notional, in mq, from which the rate applies.
  public var lower: Money
  public var rate: Rate

  @inlinable public init(lower: Money, rate: Rate) {
    self.lower = lower
    self.rate = rate
  }
}

/// A table of marginal rates by notional, like tax brackets: margin tiers and haircut brackets.
///
/// amount(N) = ⌈(N·r_k − A_k) / 10^9⌉ with A_k = A_{k−1} + L_k·(r_k − r_{k−1}), exact in 128 bits. A_k in mq is the
/// "maintenance amount" (`cum`) of published tables.
@frozen public struct Schedule: BitwiseCopyable {
  public let id: ScheduleId
  public let count: Int
  @usableFromInline let lowers: InlineArray<16, Int64>
  @usableFromInline let rates: InlineArray<16, Int64>
  @usableFromInline let deductions: InlineArray<16, Int128>

  /// A table from rows that ``firstFault(in:)`` finds no fault with.
  public init(id: ScheduleId, rows: some Collection<Bracket>) {
    precondition(rows.count >= 1 && rows.count <= Limits.scheduleRows)
    var lowers = InlineArray<16, Int64>(repeating: 0)
    var rates = InlineArray<16, Int64>(repeating: 0)
    var deductions = InlineArray<16, Int128>(repeating: 0)
    for (index, row) in rows.enumerated() {
      lowers[index] = Int64(row.lower.rawValue)
      rates[index] = row.rate.rawValue
      if index > 0 {
        deductions[index] = deductions[index - 1] + row.lower.rawValue * Int128(rates[index] - rates[index - 1])
      }
    }
    self.id = id
    count = rows.count
    self.lowers = lowers
    self.rates = rates
    self.deductions = deductions
  }

  /// The first row that does not rise from 0 in strict steps with rates that do not fall, or `nil`.
  public static func firstFault(in rows: some Collection<Bracket>) -> Int? {
    var previous: Bracket?
    for (index, row) in rows.enumerated() {
      let inRange =
        row.lower >= .zero && row.lower <= Money(Limits.notionalPerAccount) && row.rate >= .zero && row.rate <= .maximum
      if !inRange { return index }
      if let previous {
        if row.lower <= previous.lower || row.rate < previous.rate { return index }
      } else if row.lower != .zero {
        return index
      }
      previous = row
    }
    return nil
  }

  /// Row `index` (below ``count``).
  public func row(_ index: Int) -> Bracket { Bracket(lower: Money(lowers[index]), rate: Rate(rates[index])) }

  /// Rate of the first bracket.
  @inlinable public var firstRate: Rate { Rate(rates[0]) }
  /// Rate of the last bracket.
  @inlinable @inline(__always) public var lastRate: Rate { Rate(rates[count - 1]) }

  /// Number of the bracket that holds `notional` (≥ 0). O(rows).
  ///
  /// Reads through a span because every subscript of an inline array copies the whole array first (Swift 6.3).
  @inlinable @inline(__always) func bracket(of notional: Int128) -> Int {
    let clamped = Int64(clamping: notional)
    let lowers = lowers.span
    var index = 0
    while index + 1 < count && clamped >= lowers[index + 1] { index += 1 }
    return index
  }

  /// Marginal rate at `notional`.
  @inlinable public func rate(at notional: Money) -> Rate { Rate(rates[bracket(of: notional.rawValue)]) }

  /// The exact amount at `notional` ≥ 0 in mq·ppb, or `nil` when it leaves 128 bits.
  @inlinable @inline(__always) public func exactAmount(_ notional: Money) -> Int128? {
    let index = bracket(of: notional.rawValue)
    if let narrow = Int64(exactly: notional.rawValue) {
      return Int128(narrow) &* Int128(rates[index]) - deductions[index]
    }
    let (product, overflow) = notional.rawValue.multipliedReportingOverflow(by: Int128(rates[index]))
    return overflow ? nil : product - deductions[index]
  }

  /// The amount at `notional` ≥ 0, rounded up; saturates upward.
  @inlinable @inline(__always) public func amount(_ notional: Money) -> Money {
    if let exact = exactAmount(notional) { return Money(exact.dividedByBillionRoundingUp) }
    return lastRate.roundedUp(of: notional)
  }

  /// `notional` charged at the average rate that the table gives for `whole` ≥ `notional`, rounded up.
  ///
  /// This is how one account of a master is charged: at the rate of all the master's lots.
  @inlinable @inline(__always) public func amount(_ notional: Money, atAverageOf whole: Money) -> Money {
    notional == whole ? amount(notional) : averageAmount(notional, of: whole)
  }

  @usableFromInline func averageAmount(_ notional: Money, of whole: Money) -> Money {
    guard whole.rawValue > 0, let exact = exactAmount(whole) else { return lastRate.roundedUp(of: notional) }
    // ⌈notional · exact / (whole · 10^9)⌉; the product needs up to 256 bits.
    let (divisor, tooLarge) = UInt128(whole.rawValue).multipliedReportingOverflow(by: 1_000_000_000)
    if tooLarge { return lastRate.roundedUp(of: notional) }
    let product = UInt128(notional.rawValue).multipliedFullWidth(by: UInt128(exact))
    if product.high >= divisor { return lastRate.roundedUp(of: notional) }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    return Money(Int128(quotient) + (remainder > 0 ? 1 : 0))
  }

  /// The lowest bracket bound of either table at which `other`'s amount is above this one's; the highest bound when only
  /// the last rates make it so; `nil` when it is nowhere.
  ///
  /// Both are piecewise linear, so it is enough to look at every bracket bound and at the last rates.
  public func firstNotional(wherePaysLessThan other: Schedule) -> Money? {
    var found: Money?
    var highest = Money.zero
    func look(_ notional: Money) {
      highest = max(highest, notional)
      guard let mine = exactAmount(notional), let theirs = other.exactAmount(notional), mine < theirs else { return }
      if found == nil || notional < found! { found = notional }
    }
    for index in 0..<count { look(row(index).lower) }
    for index in 0..<other.count { look(other.row(index).lower) }
    return found ?? (lastRate < other.lastRate ? highest : nil)
  }
}
