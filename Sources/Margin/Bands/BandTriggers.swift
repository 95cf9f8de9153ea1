import Values

// Which triggers a position and a balance have, which ladders an instrument and an asset have, and where the coordinate
// of a ladder stands.

/// What a trigger of a position watches.
@frozen public enum PositionTrigger: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case fallingMark = 0
  case risingMark = 1
  /// The rate coordinate of the side that would close the position.
  case risingRate = 2
  /// Portfolio mode: the rate coordinate of the instrument that the scan range of its group follows.
  case risingRange = 3
  /// Accounts with options in portfolio mode: the volatility rate that the scan range follows.
  case fallingRange = 4
  /// Options: the underlying price behind the mark.
  case fallingUnderlying = 5
  case risingUnderlying = 6
  /// Options in portfolio mode: the implied volatility behind the mark.
  case fallingVolatility = 7
  case risingVolatility = 8
  /// Options in portfolio mode: time to expiry at the last pricing.
  case fallingTime = 9
  /// Options in portfolio mode: samples of the settlement price still to come.
  case fallingSamples = 10
}

/// The ladders of an instrument. Even ones fall.
@frozen public enum InstrumentLadder: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case fallingMark = 0
  case risingMark = 1
  /// Maintenance volatility rate, for scan ranges that follow it.
  case fallingRate = 2
  /// The rates of those who would close longs.
  case risingLongRate = 3
  case fallingUnderlying = 4
  /// The rates of those who would close shorts.
  case risingShortRate = 5
  case fallingVolatility = 6
  case risingUnderlying = 7
  case fallingTime = 8
  case risingVolatility = 9
  case fallingSamples = 10

  /// How many of them instruments other than options use: the first ones by number.
  @inlinable static var ofLinear: UInt8 { 6 }
  @inlinable public static var count: UInt8 { 11 }
}

extension Ledger {
  // MARK: Numbers of triggers and ladders

  /// Every position has the first triggers in one table; only options and their hedges in portfolio mode use the others,
  /// which stand apart so that they take no memory elsewhere.
  @inlinable static var firstTriggers: UInt32 { 4 }
  @inlinable static var otherTriggers: UInt32 { 7 }
  @inlinable static var laddersPerInstrument: UInt32 { 12 }

  /// How many triggers there are for so many positions and balances.
  static func triggerCount(positions: Int, balances: Int) -> Int {
    positions * Int(firstTriggers + otherTriggers) + balances
  }

  @inlinable func trigger(_ trigger: PositionTrigger, of position: UInt32) -> UInt32 {
    let number = UInt32(trigger.rawValue)
    if number < Self.firstTriggers { return (position - 1) * Self.firstTriggers + number + 1 }
    return lastBalanceTrigger + (position - 1) * Self.otherTriggers + number - Self.firstTriggers + 1
  }

  @inlinable func trigger(ofBalance balance: UInt32) -> UInt32 { lastFirstTrigger + balance }

  @inlinable var lastFirstTrigger: UInt32 { UInt32(positions.capacity) * Self.firstTriggers }
  @inlinable var lastBalanceTrigger: UInt32 { lastFirstTrigger + UInt32(balances.capacity) }

  /// Whose trigger it is: a position and what it watches, or a balance.
  @inlinable func owner(ofTrigger trigger: UInt32) -> (position: UInt32, watches: UInt8, balance: UInt32) {
    if trigger <= lastFirstTrigger {
      return ((trigger - 1) / Self.firstTriggers + 1, UInt8((trigger - 1) % Self.firstTriggers), 0)
    }
    if trigger <= lastBalanceTrigger { return (0, 0, trigger - lastFirstTrigger) }
    let (position, number) = (trigger - lastBalanceTrigger - 1).quotientAndRemainder(dividingBy: Self.otherTriggers)
    return (position + 1, UInt8(number + Self.firstTriggers), 0)
  }

  /// The account whose trigger it is.
  @inlinable public func account(ofTrigger trigger: UInt32) -> UInt32 {
    let owner = owner(ofTrigger: trigger)
    return owner.balance == 0 ? positions[owner.position].account : balances[owner.balance].account
  }

  @inlinable public static func ladder(_ ladder: InstrumentLadder, of instrument: UInt32) -> UInt32 {
    instrument * laddersPerInstrument + UInt32(ladder.rawValue)
  }
  @inlinable public static func markLadder(_ instrument: UInt32, falls: Bool) -> UInt32 {
    ladder(falls ? .fallingMark : .risingMark, of: instrument)
  }
  @inlinable public static func rateLadder(_ instrument: UInt32, long: Bool) -> UInt32 {
    ladder(long ? .risingLongRate : .risingShortRate, of: instrument)
  }
  @inlinable public func priceLadder(_ asset: UInt32, falls: Bool) -> UInt32 {
    UInt32(instruments.capacity + 1) * Self.laddersPerInstrument + 2 * asset + (falls ? 0 : 1)
  }

  // MARK: Coordinates

  /// ρ: the volatility rate and all rises of the impact curve of that side so far.
  @inlinable public func rateCoordinate(of instrument: UInt32, long: Bool) -> Int64 {
    instruments[instrument].rates.maintenanceVolatility.rawValue
      + (long ? instruments[instrument].longCurveRise : instruments[instrument].shortCurveRise)
  }

  /// Where the coordinate of a ladder stands.
  @inlinable public func coordinate(_ ladder: InstrumentLadder, of instrument: UInt32) -> Int64 {
    switch ladder {
    case .fallingMark, .risingMark: instruments[instrument].mark.rawValue
    case .fallingRate: instruments[instrument].rates.maintenanceVolatility.rawValue
    case .risingLongRate: rateCoordinate(of: instrument, long: true)
    case .risingShortRate: rateCoordinate(of: instrument, long: false)
    case .fallingUnderlying, .risingUnderlying: instruments[instrument].option.underlying.rawValue
    case .fallingVolatility, .risingVolatility: instruments[instrument].option.volatility.rawValue
    case .fallingTime: timeToExpiry(of: instrument)
    case .fallingSamples: samplesToCome(of: instrument)
    }
  }

  /// From an option's last pricing to its expiry, in nanoseconds.
  @inlinable func timeToExpiry(of instrument: UInt32) -> Int64 {
    max(0, instruments[instrument].expiry.time.rawValue - instruments[instrument].option.pricedAt.rawValue)
  }

  /// How many samples of its settlement price an option has still to come.
  @inlinable func samplesToCome(of instrument: UInt32) -> Int64 {
    max(0, instruments[instrument].expiry.samples - instruments[instrument].expiry.average.count)
  }

  /// The ladder that a trigger of a position stands on, if it stands on any: of its own instrument, or of the one that
  /// its scan range follows.
  @usableFromInline func ladder(_ trigger: PositionTrigger, of position: UInt32) -> UInt32 {
    let instrument = positions[position].instrument
    switch trigger {
    case .fallingMark: return Self.ladder(.fallingMark, of: instrument)
    case .risingMark: return Self.ladder(.risingMark, of: instrument)
    case .risingRate: return Self.rateLadder(instrument, long: positions[position].quantity > .zero)
    case .risingRange: return Self.ladder(.risingLongRate, of: followedInstrument(of: position))
    case .fallingRange: return Self.ladder(.fallingRate, of: followedInstrument(of: position))
    case .fallingUnderlying: return Self.ladder(.fallingUnderlying, of: instrument)
    case .risingUnderlying: return Self.ladder(.risingUnderlying, of: instrument)
    case .fallingVolatility: return Self.ladder(.fallingVolatility, of: instrument)
    case .risingVolatility: return Self.ladder(.risingVolatility, of: instrument)
    case .fallingTime: return Self.ladder(.fallingTime, of: instrument)
    case .fallingSamples: return Self.ladder(.fallingSamples, of: instrument)
    }
  }

  /// The instrument whose volatility rate the scan range of a position in portfolio mode follows; 0: a fixed range.
  func followedInstrument(of position: UInt32) -> UInt32 {
    guard accounts[positions[position].account].mode == .portfolio, positions[position].quantity != .zero else {
      return 0
    }
    let group = riskGroup(ofInstrument: positions[position].instrument)
    return group == 0 ? 0 : groups[group].parameters.volatilityInstrument
  }

  /// The coordinate of a ladder of an instrument.
  @usableFromInline func coordinate(ofLadder ladder: UInt32) -> Int64 {
    let (instrument, number) = ladder.quotientAndRemainder(dividingBy: Self.laddersPerInstrument)
    return InstrumentLadder(rawValue: UInt8(number)).map { coordinate($0, of: instrument) } ?? 0
  }
}

extension Ledger {
  /// Bounds of a coordinate of a position between which its account is not looked at (`nil`: none on that side), and the
  /// instrument whose coordinate it is (0: there are no bounds). That of a scan range is the one it followed when the
  /// triggers were set.
  public func band(
    _ falling: PositionTrigger?, _ rising: PositionTrigger?, of position: UInt32
  ) -> (instrument: UInt32, lower: Int64?, upper: Int64?) {
    var instrument: UInt32 = 0
    func threshold(_ one: PositionTrigger?) -> Int64? {
      guard let one, case let record = triggers[trigger(one, of: position)], record.ladder != 0 else { return nil }
      instrument = record.ladder / Self.laddersPerInstrument
      return record.threshold
    }
    let (lower, upper) = (threshold(falling), threshold(rising))
    return (instrument, lower, upper)
  }

  /// Bounds of the price of a balance's asset.
  public func band(ofBalance balance: UInt32) -> (lower: Int64?, upper: Int64?) {
    let record = triggers[trigger(ofBalance: balance)]
    if record.ladder == 0 { return (nil, nil) }
    return record.ladder & 1 == 0 ? (record.threshold, nil) : (nil, record.threshold)
  }
}
