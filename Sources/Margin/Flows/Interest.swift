import Values

/// What debts of one asset pay, and what holdings earn of it.
@frozen public struct InterestParameters: BitwiseCopyable, Equatable, Sendable {
  public var curve = InterestCurve()
  /// What the reserve keeps of what debts pay, 0…100 %; at 100 % holdings earn nothing.
  public var reserveFactor = Rate.one
  /// How often interest is charged, in milliseconds; 0: not at all.
  public var interval: Int64 = 0

  public init() {}
}

/// The interest of one asset: its parameters, its two indices, and what all accounts together owe and hold.
///
/// Balances are settled lazily: a record keeps its amount b and the index I0 it was settled at, and is worth ⌊b·I/I0⌋ now,
/// with the borrowing index for debts and the lending index for holdings. What settling adds to a balance, the ``pool``
/// gives. With everything settled the pool is the *reserve*, and that is never negative:
///
/// A record weighs w = |b|·K/I0, K = 10^22 (``weightScale``). WB is the sum of the weights of debts, each rounded down, WS
/// that of holdings, each rounded up. Before rounding, all debts are Σw·J/K ≥ WB·J/K at the borrowing index J, and all
/// holdings Σw·L/K ≤ WS·L/K at the lending index L. An interval charges debts g ≥ rate·Δt, and gives holdings
/// h ≤ rate·u·Δt with u ≤ WB·J/(WS·L); so debts grow by at least WB·J·g/K, holdings by at most
/// WS·L·h/K ≤ WS·L·g·u/K ≤ WB·J·g/K. Settling rounds a debt up and a holding down, in the reserve's favour, and a
/// change of a settled balance does not touch it. So the reserve begins at 0 and never falls.
@frozen public struct Interest: BitwiseCopyable, Equatable, Sendable {
  public var parameters = InterestParameters()
  /// Parameters have been set once: from then on the totals below are kept.
  public var isUsed = false
  /// J and L.
  public var borrowIndex = InterestIndex.one
  public var lendIndex = InterestIndex.one
  /// Of the last interval: share of what is held that is lent out, and the yearly rates.
  public var utilisation = Rate.zero
  public var borrowRate = Rate.zero
  public var lendRate = Rate.zero
  /// When the running interval ends; ``Timestamp/never``: no interest is charged.
  public var next = Timestamp.never
  /// What debts that were settled have paid, less what holdings have received, in quanta.
  public var pool = Money.zero
  /// The largest weight that any balance has had, rounded up.
  public var largest: Int128 = 0

  /// Cached: amounts of all debts and of all holdings as they were last settled, and their weights.
  public var borrowed = Money.zero
  public var supplied = Money.zero
  public var borrowedWeight: Int128 = 0
  public var suppliedWeight: Int128 = 0

  public init() {}

  /// K: the weight of one quantum is 10^4 at the index 1, so a million accounts are summed to a hundred quanta.
  @inlinable public static var weightScale: Int128 { 10_000_000_000_000_000_000_000 }
  /// Balances above this weigh as much as this. Interest has stopped long before (``endInterval()``).
  @inlinable public static var heaviest: Int128 { 100_000_000_000_000_000_000 }

  /// The index that a balance of this sign follows.
  @inlinable public func index(for amount: Int128) -> InterestIndex {
    amount < 0 ? borrowIndex : amount > 0 ? lendIndex : .one
  }

  /// What an amount settled at `start` is now.
  @inlinable public func now(_ amount: Int128, since start: InterestIndex) -> Int128 {
    index(for: amount).grown(amount, since: start)
  }

  /// |b|·K/I0: of a debt rounded down, of a holding up.
  @inlinable public func weight(of amount: Int128, since start: InterestIndex) -> Int128 {
    let size = min(amount < 0 ? -amount : amount, Self.heaviest)
    if start == .one { return size * (Self.weightScale / InterestIndex.one.rawValue) }
    return amount < 0
      ? size.scaledRoundingDown(by: Self.weightScale, over: start.rawValue)
      : size.scaledRoundingUp(by: Self.weightScale, over: start.rawValue)
  }

  /// Counts a balance among all others.
  @inlinable public mutating func add(_ amount: Int128, since start: InterestIndex) {
    if amount == 0 { return }
    let weight = weight(of: amount, since: start)
    if amount < 0 {
      borrowed -= Money(amount)
      borrowedWeight += weight
    } else {
      supplied += Money(amount)
      suppliedWeight += weight
    }
    largest = max(largest, weight + 1)
  }

  /// Takes a balance out again.
  @inlinable public mutating func remove(_ amount: Int128, since start: InterestIndex) {
    if amount == 0 { return }
    let weight = weight(of: amount, since: start)
    if amount < 0 {
      borrowed += Money(amount)
      borrowedWeight -= weight
    } else {
      supplied -= Money(amount)
      suppliedWeight -= weight
    }
  }

  /// All debts as of now, rounded down, and all holdings, rounded up.
  public var borrowedNow: Money {
    Money(borrowedWeight.scaledRoundingDown(by: borrowIndex.rawValue, over: Self.weightScale))
  }
  public var suppliedNow: Money {
    Money(suppliedWeight.scaledRoundingUp(by: lendIndex.rawValue, over: Self.weightScale))
  }

  /// What is certainly in the reserve: at most what a sum over all accounts finds, and less by a few quanta at most.
  public var certainReserve: Money { max(.zero, pool + (borrowedNow - borrowed) - (suppliedNow - supplied)) }

  /// Takes new parameters. An interval that stays keeps its due time; indices stay.
  public mutating func set(_ new: InterestParameters, now: Timestamp) {
    if new.interval == 0 {
      next = .never
    } else if new.interval != parameters.interval {
      next = Funding.next(after: now, every: new.interval)
    }
    parameters = new
  }

  /// Ends an interval: the indices advance by the rates at the utilisation of this moment. Returns whether balances
  /// have changed with them.
  ///
  /// While nobody owes anything the indices rest. They stop for good where the largest balance there ever was would
  /// grow beyond ``Limits/balance``, or an index beyond its bound: the rates are 0 then.
  public mutating func endInterval() -> Bool {
    utilisation = InterestCurve.utilisation(borrowed: borrowedNow, supplied: suppliedNow)
    borrowRate = parameters.curve.rate(at: utilisation)
    lendRate = parameters.curve.lendingRate(at: utilisation, reserveFactor: parameters.reserveFactor)
    if borrowed == .zero { return false }
    let borrow = borrowIndex.compoundedUp(borrowRate, interval: parameters.interval)
    let lend = lendIndex.compoundedDown(lendRate, interval: parameters.interval)
    let grown = largest.scaledRoundingUp(by: max(borrow, lend).rawValue, over: Self.weightScale)
    guard borrow < .bound, grown <= Int128(Limits.balance) else {
      borrowRate = .zero
      lendRate = .zero
      return false
    }
    let hasMoved = borrow != borrowIndex || lend != lendIndex
    borrowIndex = borrow
    lendIndex = lend
    return hasMoved
  }
}
