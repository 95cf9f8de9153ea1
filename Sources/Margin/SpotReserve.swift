import Values

/// An exact sum of terms with denominators 10^e·10^9, e ≤ 18: whole mq and units of 10^-27 mq.
@frozen @usableFromInline struct ExactMoney: BitwiseCopyable {
  @usableFromInline var whole: Int128 = 0
  /// In 0 ..< 10^27 after each ``normalise()``.
  @usableFromInline var fraction: Int128 = 0

  @inlinable init() {}

  /// quanta × slope; neither is negative.
  @inlinable init(_ quanta: Int128, times slope: Slope) {
    let denominator = powerOfTen(slope.scale) * 1_000_000_000
    let (product, overflow) = quanta.multipliedReportingOverflow(by: slope.numerator)
    if overflow {
      // 4·10^18 quanta at the highest asset price with a debt add-on near its bound need one bit more than there is.
      let wide = UInt128(quanta).multipliedFullWidth(by: UInt128(slope.numerator))
      let (quotient, remainder) = UInt128(denominator).dividingFullWidth(wide)
      whole = Int128(quotient)
      fraction = Int128(remainder) * powerOfTen(18 - slope.scale)
    } else {
      whole = product.dividedRoundingDown(by: denominator)
      fraction = (product - whole * denominator) * powerOfTen(18 - slope.scale)
    }
  }

  @inlinable mutating func normalise() {
    let one = powerOfTen(27)
    let carry = fraction.dividedRoundingDown(by: one)
    whole += carry
    fraction -= carry * one
  }

  @inlinable static func - (left: ExactMoney, right: ExactMoney) -> ExactMoney {
    var result = left
    result.whole -= right.whole
    result.fraction -= right.fraction
    result.normalise()
    return result
  }

  @inlinable static func += (left: inout ExactMoney, right: ExactMoney) {
    left.whole += right.whole
    left.fraction += right.fraction
    left.normalise()
  }

  @inlinable var isPositive: Bool { whole > 0 || (whole == 0 && fraction > 0) }
  @inlinable var roundedUp: Money { Money(fraction > 0 ? whole + 1 : whole) }
}

extension Ledger {
  /// Reserve for all open spot orders of an account (README.md, "Spot orders"): worst slopes over every joint outcome,
  /// exact over all pairs, rounded up once. O(spot pairs with orders).
  @usableFromInline mutating func refreshSpotReserve(_ account: UInt32) {
    var sum = ExactMoney()
    var position = accounts[account].firstPosition
    while position != 0 {
      if instruments[positions[position].instrument].kind == .spot,
        positions[position].allBuy > 0 || positions[position].allSell > 0
      {
        sum += spotReserve(of: position)
      }
      position = positions[position].next
    }
    accounts[account].spotReserve = sum.roundedUp
    accounts[account].spotStale = false
  }

  /// Exact reserve of one pair.
  @usableFromInline func spotReserve(of position: UInt32) -> ExactMoney {
    let instrument = positions[position].instrument
    let account = positions[position].account
    let base = slopes(account: account, balance: positions[position].baseBalance)
    let quote = slopes(account: account, balance: positions[position].quoteBalance)
    var sum = ExactMoney()
    let buys = positions[position].allBuy
    if buys > 0 {
      let pays = instruments[instrument].value(Quantity(buys), at: positions[position].worstBuy)
      let receives = Int128(buys) * Int128(instruments[instrument].baseLot)
      let loss = ExactMoney(pays.rawValue, times: quote.out) - ExactMoney(receives, times: base.in)
      if loss.isPositive { sum += loss }
    }
    let sells = positions[position].allSell
    if sells > 0 {
      let pays = Int128(sells) * Int128(instruments[instrument].baseLot)
      let receives = instruments[instrument].value(Quantity(sells), at: positions[position].worstSell)
      let loss = ExactMoney(pays, times: base.out) - ExactMoney(receives.rawValue, times: quote.in)
      if loss.isPositive { sum += loss }
    }
    sum += ExactMoney(positions[position].provision.rawValue, times: quote.out)
    return sum
  }

  /// σ_out and σ_in of a balance: slopes of its initial value at the worst ends of what open orders can do to it.
  @usableFromInline func slopes(account: UInt32, balance: UInt32) -> (out: Slope, in: Slope) {
    if balance == 0 { return (.settlement, .settlement) }
    let asset = balances[balance].asset
    if accounts[account].mode == .fullyCollateralised {
      let none = Slope(numerator: 0, scale: assets[asset].priceScale)
      return (none, none)
    }
    let amount = Int128(amount(of: balance))
    let out = slope(of: asset, at: amount - balances[balance].payable.rawValue, rising: true)
    let into = slope(of: asset, at: amount + balances[balance].receivable.rawValue, rising: false)
    return (out, into < out ? into : out)
  }
}
