import Values

/// When an instrument expires and how its settlement price is found. All zero and ``Timestamp/never``: it does not expire.
@frozen public struct Expiry: BitwiseCopyable, Equatable, Sendable {
  /// Most samples of one window.
  @inlinable public static var mostSamples: Int64 { 10_000 }

  public var time = Timestamp.never
  /// How long before the expiry the index is averaged, and how often it is sampled, in nanoseconds.
  public var window: Int64 = 0
  public var interval: Int64 = 0
  /// When the next sample is due; ``Timestamp/never`` when there is none left.
  public var nextSample = Timestamp.never
  /// The index of the base asset, in that asset's price units.
  public var average = SettlementAverage()
  /// The settlement price in price units of the instrument, once it has expired.
  public var price = Price(0)
  /// Slot of the next account whose position is turned into money; 0: not begun, or done.
  public var cursor: UInt32 = 0
  /// What has been paid out (negative) and taken in so far; zero when every position is settled.
  public var pool = Money.zero

  public init() {}

  /// An expiry at `time`, seen from `now`: samples at equal distances, the last one at the expiry itself.
  public init(time: Timestamp, window: Int64, interval: Int64, now: Timestamp) {
    precondition(time > now && interval > 0 && window % interval == 0 && window / interval <= Self.mostSamples)
    self.time = time
    self.window = window
    self.interval = interval
    let begin = time.rawValue - window
    let passed = max(0, (now.rawValue - begin) / interval)
    nextSample = Timestamp(begin + (passed + 1) * interval)
  }

  @inlinable public var isSet: Bool { time != .never }
  /// An end at `now` without samples: the instrument is delisted.
  @inlinable public static func delisting(at now: Timestamp) -> Expiry {
    var expiry = Expiry()
    expiry.time = now
    expiry.window = 1
    expiry.interval = 1
    return expiry
  }

  /// N: how many samples the window has.
  @inlinable public var samples: Int64 { isSet ? window / interval : 0 }

  /// Counts a sample (`nil`: the index has no price, and the sample is left out) and goes on to the next.
  public mutating func sample(_ index: Price?) {
    if let index { average.add(index) }
    nextSample = nextSample < time ? Timestamp(nextSample.rawValue + interval) : .never
  }
}

extension Instrument {
  /// It has its settlement price: there is no requirement any more, and what it is worth is certain.
  @inlinable @inline(__always) public var isExpired: Bool { phase == .expired }
}

extension Ledger {
  /// The index of an instrument's base asset in the instrument's price units, rounded down; `nil` without a price.
  public func index(of instrument: UInt32) -> Price? {
    let asset = instruments[instrument].baseAsset
    guard asset != 0, assets[asset].hasPrice else { return nil }
    return index(of: instrument, sum: Int128(assets[asset].price.rawValue), count: 1)
  }

  /// The mean of `count` index prices with the given sum, rounded down once, 0 … the maximum price (options: the
  /// number limit).
  ///
  /// One unit of the base asset costs price·10^(digits − e) mq = price·10^(digits − e − money digits) of the currency,
  /// and a price unit is 10^-12 of the currency times ``Instrument/priceUnit``.
  public func index(of instrument: UInt32, sum: Int128, count: Int64) -> Price {
    let asset = instruments[instrument].baseAsset
    let exponent = Int(assets[asset].digits) + 12 - Int(assets[asset].priceScale) - Int(moneyDigits)
    // An option's maximum price is its own, not its underlying's.
    let isOption = instruments[instrument].kind == .option
    let highest = isOption ? Price(Limits.price) : instruments[instrument].maximumPrice
    let unit = Int128(instruments[instrument].priceUnit) * Int128(count)
    if exponent >= 0 {
      let scale = powerOfTen(UInt8(exponent))
      // Above the highest price whatever the exact quotient is: it need not fit 128 bits.
      if sum.dividedRoundingDown(by: unit) >= Int128(highest.rawValue) { return highest }
      if sum > 0 && scale.dividedRoundingDown(by: unit) >= Int128(highest.rawValue) { return highest }
      return min(highest, Price(Int64(clamping: sum.scaledRoundingDown(by: scale, over: unit))))
    }
    let whole = sum.dividedRoundingDown(by: powerOfTen(UInt8(-exponent)))
    return min(highest, Price(Int64(clamping: whole.dividedRoundingDown(by: unit))))
  }

  /// The index an instrument is heading for: inside the window before its expiry what has been sampled counts as it is,
  /// and only the rest moves with the index; before that, and without an expiry, the index itself.
  public func forwardIndex(of instrument: UInt32) -> Price? {
    let asset = instruments[instrument].baseAsset
    guard asset != 0, assets[asset].hasPrice else { return nil }
    let expiry = instruments[instrument].expiry
    if expiry.average.count == 0 { return index(of: instrument) }
    let rest = Int128(assets[asset].price.rawValue) * Int128(expiry.samples - expiry.average.count)
    return index(of: instrument, sum: expiry.average.sum + rest, count: expiry.samples)
  }

  /// What a lot × price unit of an instrument is worth once the underlying has settled at `price`.
  public func payoff(of instrument: Instrument, at price: Price) -> Price {
    guard instrument.kind == .option else { return price }
    return instrument.option.payoff(at: price, cap: instrument.maximumPrice)
  }

  /// Freezes the mark of an instrument at what it pays, and drops its requirements: holders become stale. O(1).
  public mutating func expire(_ instrument: UInt32, at price: Price) {
    precondition(instruments[instrument].isExpired, "its phase is set first")
    instruments[instrument].expiry.price = price
    instruments[instrument].expiry.nextSample = .never
    instruments[instrument].expiry.cursor = accounts.count > 0 ? 1 : 0
    instruments[instrument].mark = payoff(of: instruments[instrument], at: price)
    instruments[instrument].epoch += 1
    epoch += 1
    noteMove(ofInstrument: instrument)
  }

  /// Turns a position of an expired instrument into money: cash += q·P·m − cost. Equity is the same before and after.
  /// Returns what the cash changed by.
  public mutating func settle(_ position: UInt32) -> Money {
    let (account, instrument) = (positions[position].account, positions[position].instrument)
    precondition(instruments[instrument].isExpired)
    touch(account)
    let quantity = positions[position].quantity
    let value = instruments[instrument].value(quantity, at: instruments[instrument].mark)
    let change = value - positions[position].cost
    changeCash(by: change, of: account)
    instruments[instrument].expiry.pool -= value
    instruments[instrument].openInterest -= Quantity(max(0, quantity.rawValue))
    positions[position].quantity = .zero
    positions[position].cost = .zero
    refresh(position)
    return change
  }

  /// The terms of a position in an expired instrument: its value is certain, so it counts in full and needs no margin.
  @usableFromInline func expiredTerms(of position: UInt32) -> PositionTerms {
    let instrument = positions[position].instrument
    var terms = PositionTerms()
    terms.profit =
      instruments[instrument].value(positions[position].quantity, at: instruments[instrument].mark)
      - positions[position].cost
    terms.profitInitial = terms.profit
    terms.fundingDue = fundingDue(of: position)
    return terms
  }
}
