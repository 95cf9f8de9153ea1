import Values

/// Greeks of what an account holds, in whole numbers, so that rows add up to their sums.
///
/// For information only: no rule looks at them. Options are reckoned with the underlying and volatility behind their
/// marks, at the time of asking; each figure is rounded to the nearest, once per position.
@frozen public struct PositionGreeks: BitwiseCopyable, Equatable, Sendable {
  /// Options: value; linear: unrealised profit; balances: value at the index price.
  public var value = Money.zero
  /// Units of the underlying, in 10^-9.
  public var delta: Int128 = 0
  /// What the delta is worth at the price of the underlying.
  public var deltaValue = Money.zero
  /// Change of delta when the underlying rises by 1 %, in 10^-9 units.
  public var gamma: Int128 = 0
  /// Per point (1 %) of volatility.
  public var vega = Money.zero
  /// Per day.
  public var theta = Money.zero
  /// Per point (1 %) of the interest rate.
  public var rho = Money.zero

  public init() {}

  public static func += (left: inout PositionGreeks, right: PositionGreeks) {
    left.value += right.value
    left.delta += right.delta
    left.deltaValue += right.deltaValue
    left.gamma += right.gamma
    left.vega += right.vega
    left.theta += right.theta
    left.rho += right.rho
  }
}

extension Ledger {
  /// Greeks of a derivative position at `time`. A linear one has a delta only; one without a mark, or expired, has none.
  public func greeks(of position: UInt32, at time: Timestamp) -> PositionGreeks {
    let record = positions[position]
    let instrument = instruments[record.instrument]
    var greeks = PositionGreeks()
    let value = instrument.value(record.quantity, at: instrument.mark)
    greeks.value = value - record.cost
    if instrument.isExpired { return greeks }
    // A lot is lotSize · 10^-12 units.
    let units = Int128(record.quantity.rawValue) * Int128(instrument.lotSize)
    guard instrument.kind == .option else {
      greeks.delta = units.dividedRoundingDown(by: 1000)
      greeks.deltaValue = value
      return greeks
    }
    guard let model = model(of: record.instrument, at: time) else { return greeks }
    let perLot = model.greeks()
    let forward = Double(instrument.option.underlying.rawValue)
    let billionths = Double(units) / 1000
    let quanta = Double(record.quantity.rawValue) * Double(instrument.multiplier)
    greeks.delta = Int128(Quantised.nearest(perLot.delta * billionths))
    greeks.deltaValue = Money(Quantised.nearest(perLot.delta * forward * quanta))
    greeks.gamma = Int128(Quantised.nearest(perLot.gamma * forward * 0.01 * billionths))
    greeks.vega = Money(Quantised.nearest(perLot.vega * 0.01 * quanta))
    greeks.theta = Money(Quantised.nearest(perLot.theta * quanta))
    greeks.rho = Money(Quantised.nearest(perLot.rho * 0.01 * quanta))
    return greeks
  }

  /// Greeks of a balance in an asset: its delta is itself.
  public func greeks(ofBalance balance: UInt32) -> PositionGreeks {
    let asset = assets[balances[balance].asset]
    let amount = Int128(amount(of: balance))
    var greeks = PositionGreeks()
    greeks.delta = (amount * 1_000_000_000).dividedRoundingDown(by: powerOfTen(asset.digits))
    greeks.value = Money((amount * Int128(asset.price.rawValue)).dividedRoundingDown(by: asset.scale))
    greeks.deltaValue = greeks.value
    return greeks
  }

  /// The linear instrument to hedge an underlying with: the first perpetual on it, else the first future that has a mark
  /// and has not expired, in order of definition; 0: there is none.
  public func hedgeInstrument(for asset: UInt32) -> UInt32 {
    var found: UInt32 = 0
    for slot in 1..<UInt32(instruments.count + 1) where instruments[slot].baseAsset == asset {
      let instrument = instruments[slot]
      guard instrument.kind.isLinear, instrument.hasMark, !instrument.isExpired else { continue }
      if instrument.kind == .perpetual { return slot }
      if found == 0 { found = slot }
    }
    return found
  }

  /// Lots of `instrument` to trade that bring a delta (10^-9 units) nearest to zero.
  public func hedge(_ delta: Int128, with instrument: UInt32) -> Quantity {
    let lot = Int128(instruments[instrument].lotSize)
    // ⌊(2·|delta| + lot) / (2·lot)⌋: to the nearest lot, halves away from zero.
    let lots = (2 * Int128(delta.magnitude) * 1000 + lot) / (2 * lot)
    let clamped = Int64(clamping: min(lots, Int128(Limits.quantity)))
    return Quantity(delta > 0 ? -clamped : clamped)
  }
}
