import Values

// What a balance counts for in equity. One rounding per balance, against the account; concave in the balance, which the
// reserve for open spot orders relies on.

/// Exact slope of an asset's value: mq per quantum = numerator / (10^scale · 10^9).
@frozen @usableFromInline struct Slope: BitwiseCopyable, Equatable {
  @usableFromInline var numerator: Int128
  @usableFromInline var scale: UInt8

  @inlinable init(numerator: Int128, scale: UInt8) {
    self.numerator = numerator
    self.scale = scale
  }

  /// The settlement currency: 1 mq per mq.
  @inlinable static var settlement: Slope { Slope(numerator: 1_000_000_000, scale: 0) }

  @inlinable static func < (left: Slope, right: Slope) -> Bool {
    left.numerator * powerOfTen(right.scale) < right.numerator * powerOfTen(left.scale)
  }
}

extension Ledger {
  /// Value of `quanta` of an asset in mq for the maintenance or the initial test, rounded down.
  ///
  /// Without a price an asset counts 0, and so does a debt (which every check refuses to go on with). At a price that
  /// liquidates nobody (``OracleGuard/countsGains``) a holding counts 0 for the initial test and is worth that price for
  /// the maintenance test; a debt counts in both.
  @inlinable public func value(of quanta: Int64, asset: UInt32, initial: Bool) -> Money {
    guard quanta != 0, assets[asset].hasPrice else { return .zero }
    if initial && quanta > 0 && !assets[asset].oracleGuard.countsGains { return .zero }
    let scale = assets[asset].scale
    let price = initial ? assets[asset].strictPrice(debt: quanta < 0) : assets[asset].price.rawValue
    let gross = Int128(quanta) * Int128(price)
    if quanta < 0 {
      let addon = initial ? assets[asset].debtAddonInitial : assets[asset].debtAddonMaintenance
      // With what fills can add to a debt that has grown to its bound, the product can need more than 128 bits.
      return Money(gross.scaledRoundingDown(by: Int128(1_000_000_000 + addon.rawValue), over: scale * 1_000_000_000))
    }
    let table = initial ? assets[asset].haircutInitial : assets[asset].haircutMaintenance
    if table == 0 { return Money(gross.dividedRoundingDown(by: scale)) }
    let bracket = schedules[table].bracketOfScaled(gross, scale: scale)
    let kept = gross * Int128(1_000_000_000 - bracket.rate.rawValue)
    return Money((kept + bracket.deduction * scale).dividedRoundingDown(by: scale * 1_000_000_000))
  }

  /// Slope of the initial-equity value just right (`rising`) or just left of `quanta`.
  @inlinable func slope(of asset: UInt32, at quanta: Int128, rising: Bool) -> Slope {
    if asset == 0 { return .settlement }
    let scale = assets[asset].priceScale
    guard assets[asset].hasPrice else { return Slope(numerator: 0, scale: scale) }
    let debt = quanta < 0 || (quanta == 0 && !rising)
    if !debt && !assets[asset].oracleGuard.countsGains { return Slope(numerator: 0, scale: scale) }
    let price = Int128(assets[asset].strictPrice(debt: debt))
    if debt {
      return Slope(
        numerator: price * Int128(1_000_000_000 + assets[asset].debtAddonInitial.rawValue), scale: scale)
    }
    let table = assets[asset].haircutInitial
    var haircut = Rate.zero
    if table != 0 {
      haircut = schedules[table].rateOfScaled(quanta * price, scale: assets[asset].scale, rising: rising)
    }
    return Slope(numerator: price * Int128(1_000_000_000 - haircut.rawValue), scale: scale)
  }
}

extension Schedule {
  /// Rate and deduction of the bracket that holds gross / scale, without dividing.
  @inlinable func bracketOfScaled(_ gross: Int128, scale: Int128) -> (rate: Rate, deduction: Int128) {
    var index = 0
    while index + 1 < count && gross >= Int128(lowers[index + 1]) * scale { index += 1 }
    return (Rate(rates[index]), deductions[index])
  }

  /// Marginal rate just right or just left of gross / scale.
  @inlinable func rateOfScaled(_ gross: Int128, scale: Int128, rising: Bool) -> Rate {
    var rate = rates[0]
    for index in 1..<max(count, 1) {
      let lower = Int128(lowers[index]) * scale
      if gross > lower || (rising && gross == lower) { rate = rates[index] }
    }
    return Rate(rate)
  }
}
