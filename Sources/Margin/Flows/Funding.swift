import Values

/// The funding of one perpetual: its parameters, its index, and what is known of the running interval.
@frozen public struct Funding: BitwiseCopyable, Equatable, Sendable {
  public var parameters = FundingParameters()
  /// F.
  public var index = FundingIndex.zero
  /// The premium so far in this interval.
  public var average = PremiumAverage()
  /// The rate of the last interval.
  public var rate = Rate.zero
  /// When the premium is sampled and funding is exchanged next; ``Timestamp/never``: not at all.
  public var nextSample = Timestamp.never
  public var next = Timestamp.never
  /// What positions that were settled have paid in, less what they have received.
  public var pool = Money.zero

  public init() {}

  /// The first whole multiple of `milliseconds` since the epoch that lies after `time`.
  public static func next(after time: Timestamp, every milliseconds: Int64) -> Timestamp {
    let step = milliseconds * 1_000_000
    return Timestamp((time.rawValue / step + 1) * step)
  }

  /// Takes new parameters: an interval or sampling that stays keeps its due time, the index and the running mean stay.
  public mutating func set(_ new: FundingParameters, now: Timestamp) {
    let isOff = new.interval == 0
    if isOff {
      next = .never
      nextSample = .never
    } else {
      if new.interval != parameters.interval { next = Funding.next(after: now, every: new.interval) }
      if new.sampling != parameters.sampling || parameters.interval == 0 {
        nextSample = Funding.next(after: now, every: new.sampling)
      }
    }
    parameters = new
  }
}

extension Ledger {
  /// What separates the initial from the maintenance rate of the smallest position.
  public func marginGap(of instrument: UInt32) -> Rate {
    let parameters = instruments[instrument].parameters
    func lowest(_ tiers: UInt32, _ base: Rate, _ volatility: Rate) -> Rate {
      max(tiers == 0 ? .zero : schedules[tiers].firstRate, max(base, volatility))
    }
    let rates = instruments[instrument].rates
    let initial = lowest(parameters.initialTiers, parameters.initialBase, rates.initialVolatility)
    let maintenance = lowest(parameters.maintenanceTiers, parameters.maintenanceBase, rates.maintenanceVolatility)
    return Rate(initial.rawValue - maintenance.rawValue)
  }

  /// Ends an interval: the index advances by the rate on `price`, holders become stale. O(1).
  ///
  /// While nobody holds the instrument the pool owes nobody anything: what roundings have left in it goes to DUST.
  public mutating func exchangeFunding(of instrument: UInt32, at rate: Rate, price: Price) {
    let parameters = instruments[instrument].funding.parameters
    let before = instruments[instrument].funding.index
    instruments[instrument].funding.rate = rate
    instruments[instrument].funding.average = PremiumAverage()
    instruments[instrument].funding.index = before.advanced(
      by: rate, lotValue: instruments[instrument].value(Quantity(1), at: price), interval: parameters.interval,
      period: parameters.period)
    if instruments[instrument].openInterest == .zero {
      settlement.dust += instruments[instrument].funding.pool
      instruments[instrument].funding.pool = .zero
    }
    if instruments[instrument].funding.index != before {
      instruments[instrument].epoch += 1
      epoch += 1
      if instruments[instrument].openInterest > .zero { needsSweep = true }
    }
  }

  /// fundingDue of a position, from its record. The term of an account that has been touched is the same.
  @inlinable @inline(__always) func fundingDue(of position: UInt32) -> Money {
    let index = instruments[positions[position].instrument].funding.index
    if index == positions[position].funding { return .zero }
    return index.due(positions[position].quantity, since: positions[position].funding)
  }

  /// Pays what a position has coming: cash += due, the pool the opposite, F0 := F. Equity is the same before and after.
  /// The caller refreshes the position.
  @inlinable @inline(__always) mutating func payFunding(of position: UInt32) {
    let instrument = positions[position].instrument
    if instruments[instrument].funding.index == positions[position].funding { return }
    payDueFunding(of: position)
  }

  @usableFromInline mutating func payDueFunding(of position: UInt32) {
    let instrument = positions[position].instrument
    let due = fundingDue(of: position)
    changeCash(by: due, of: positions[position].account)
    instruments[instrument].funding.pool -= due
    positions[position].funding = instruments[instrument].funding.index
  }

  /// Pays what a position has coming and brings its account up to date. Returns what was paid.
  public mutating func settleFunding(of position: UInt32) -> Money {
    touch(positions[position].account)
    let due = fundingDue(of: position)
    payFunding(of: position)
    refresh(position)
    return due
  }
}
