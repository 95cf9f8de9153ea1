import Values

// The requirement of one position, as pure functions of the records (README.md, "Standard mode").

/// The rates that make up I(x) or the maintenance margin of a position, for whoever wants to explain it.
@frozen public struct RequirementRates: BitwiseCopyable, Sendable {
  /// Average rate of the tiers, rounded up.
  public var tier = Rate.zero
  public var size = Rate.zero
  public var volatility = Rate.zero
  public var openInterest = Rate.zero
  public var leverage = Rate.zero
  public var liquidity = Rate.zero

  public init() {}
}

extension Ledger {
  /// All terms of one position at the present marks. What was reckoned before from the same figures is not reckoned again.
  @inlinable mutating func terms(of position: UInt32) -> PositionTerms {
    let instrument = positions[position].instrument
    if instruments[instrument].kind == .spot { return spotTerms(of: position) }
    if instruments[instrument].isExpired { return expiredTerms(of: position) }
    let account = positions[position].account
    let mark = instruments[instrument].mark
    let isKnown = positions[position].epoch == instruments[instrument].epoch
    var terms = PositionTerms()
    terms.profit = instruments[instrument].value(positions[position].quantity, at: mark) - positions[position].cost
    terms.profitInitial = weighted(terms.profit, instrument: instrument, account: account)
    terms.fundingDue = fundingDue(of: position)
    if isKnown && positions[position].maintenanceLots == positions[position].quantity.rawValue {
      terms.maintenanceMargin = positions[position].terms.maintenanceMargin
    } else {
      terms.maintenanceMargin = maintenanceMargin(of: position)
      positions[position].maintenanceLots = positions[position].quantity.rawValue
    }
    terms.initialMargin = initialTerm(of: position, isKnown: isKnown)
    terms.gross = gross(of: position, worst: instruments[instrument].grossPrice)
    return terms
  }

  /// max(I(x+), I(x−)) + open loss + fee provision.
  @inlinable mutating func initialTerm(of position: UInt32, isKnown: Bool) -> Money {
    max(longMargin(of: position, isKnown: isKnown), shortMargin(of: position, isKnown: isKnown))
      + openLoss(of: position) + positions[position].provision
  }

  /// I(x+), reckoned only when it is not known.
  @inlinable mutating func longMargin(of position: UInt32, isKnown: Bool) -> Money {
    let lots = positions[position].worstLong
    let whole = masterLots(holding: lots, of: position)
    let known = positions[position].longMargin
    if isKnown && known.lots == lots && known.whole == whole { return known.amount }
    let amount = initialMargin(holding: lots, of: position)
    positions[position].longMargin = KnownMargin(lots: lots, whole: whole, amount: amount)
    return amount
  }

  /// I(x−), reckoned only when it is not known.
  @inlinable mutating func shortMargin(of position: UInt32, isKnown: Bool) -> Money {
    let lots = positions[position].worstShort
    let whole = masterLots(holding: lots, of: position)
    let known = positions[position].shortMargin
    if isKnown && known.lots == lots && known.whole == whole { return known.amount }
    let amount = initialMargin(holding: lots, of: position)
    positions[position].shortMargin = KnownMargin(lots: lots, whole: whole, amount: amount)
    return amount
  }

  /// Spot pairs hold no position; their requirement is the account's spot reserve.
  @inlinable func spotTerms(of position: UInt32) -> PositionTerms {
    var terms = PositionTerms()
    terms.gross = gross(of: position, worst: Price(0))
    return terms
  }

  /// All lots, open orders included, at the worst of `worst` and the worst own limits.
  @inlinable @inline(__always) func gross(of position: UInt32, worst: Price) -> Money {
    let (buys, sells) = (positions[position].allBuy, positions[position].allSell)
    var price = worst
    if buys > 0 { price = max(price, positions[position].worstBuy) }
    if sells > 0 { price = max(price, positions[position].worstSell) }
    let lots = positions[position].quantity.magnitude.rawValue + buys + sells
    return instruments[positions[position].instrument].value(Quantity(lots), at: price)
  }

  /// min(U, ⌊w·U⌋); of an option's value (its cost is 0) only the negative part, in portfolio mode all; w = 0 while the mark
  /// follows an index that liquidates nobody; fully collateralised accounts count all.
  @inlinable func weighted(_ profit: Money, instrument: UInt32, account: UInt32) -> Money {
    if profit.rawValue <= 0 || accounts[account].mode == .fullyCollateralised { return profit }
    if !instruments[instrument].oracleGuard.countsGains { return .zero }
    if instruments[instrument].kind == .option { return accounts[account].mode == .portfolio ? profit : .zero }
    return instruments[instrument].parameters.profitWeight.roundedDown(of: profit)
  }

  /// MM of one position: tiers or the highest rate, plus the impact of closing it. The account's own lots only.
  @inlinable public func maintenanceMargin(of position: UInt32) -> Money {
    let lots = positions[position].quantity.rawValue
    if lots == 0 { return .zero }
    let instrument = positions[position].instrument
    let mode = accounts[positions[position].account].mode
    if mode != .standard { return marginOutsideGroups(mode, of: lots, whole: lots, instrument: instrument) }
    if instruments[instrument].kind == .option { return optionMaintenance(of: lots, instrument: instrument) }
    let notional = instruments[instrument].value(Quantity(lots).magnitude, at: instruments[instrument].mark)
    let rates = maintenanceRates(lots: lots, instrument: instrument)
    let tiers = instruments[instrument].parameters.maintenanceTiers
    let tierAmount = tiers == 0 ? .zero : schedules[tiers].amount(notional)
    return max(tierAmount, max(rates.size, rates.volatility).roundedUp(of: notional))
      + rates.liquidity.roundedUp(of: notional)
  }

  /// max(I(x+), I(x−)).
  @inlinable public func positionMargin(of position: UInt32) -> Money {
    max(
      initialMargin(holding: positions[position].worstLong, of: position),
      initialMargin(holding: positions[position].worstShort, of: position))
  }

  /// I(x): initial margin of holding `lots`. Tiers, size and impact are looked up with the master's lots of that side,
  /// so that sub-accounts do not evade size; the amount is on the account's own lots.
  @inlinable func initialMargin(holding lots: Int64, of position: UInt32) -> Money {
    if lots == 0 { return .zero }
    let instrument = positions[position].instrument
    let account = positions[position].account
    let whole = masterLots(holding: lots, of: position)
    let mode = accounts[account].mode
    if mode != .standard { return marginOutsideGroups(mode, of: lots, whole: whole, instrument: instrument) }
    if instruments[instrument].kind == .option { return optionInitial(of: lots, instrument: instrument) }
    let mark = instruments[instrument].mark
    let notional = instruments[instrument].value(Quantity(lots).magnitude, at: mark)
    let rates = initialRates(lots: whole, instrument: instrument, leverageCap: accounts[account].leverageCap)
    let tiers = instruments[instrument].parameters.initialTiers
    var tierAmount = Money.zero
    if tiers != 0 {
      let wholeNotional = instruments[instrument].value(Quantity(whole).magnitude, at: mark)
      tierAmount = schedules[tiers].amount(notional, atAverageOf: wholeNotional)
    }
    let highest = max(max(rates.size, rates.openInterest), max(rates.volatility, rates.leverage))
    return max(tierAmount, highest.roundedUp(of: notional))
      + rates.liquidity.roundedUp(of: notional)
  }

  /// Both requirements of a position in the other modes: the maximal loss, or what portfolio mode asks for beside the
  /// scenarios of the group.
  @usableFromInline func marginOutsideGroups(
    _ mode: AccountMode, of lots: Int64, whole: Int64, instrument: UInt32
  ) -> Money {
    mode == .fullyCollateralised
      ? maximalLoss(of: lots, instrument: instrument)
      : sizeAndLiquidity(of: lots, whole: whole, instrument: instrument)
  }

  /// `lots` together with the worst-case lots of the same side of the master's other accounts.
  @inlinable @inline(__always) func masterLots(holding lots: Int64, of position: UInt32) -> Int64 {
    let exposure = positions[position].exposure
    return lots > 0
      ? lots + exposures[exposure].long - positions[position].exposedLong
      : lots - (exposures[exposure].short - positions[position].exposedShort)
  }

  /// Rates of the maintenance requirement but the tiers'.
  @inlinable @inline(__always) func maintenanceRates(lots: Int64, instrument: UInt32) -> RequirementRates {
    var rates = RequirementRates()
    rates.size = sizePremium(
      base: instruments[instrument].parameters.maintenanceBase, factor: instruments[instrument].parameters.sizeFactor,
      lots: lots, lotSize: instruments[instrument].lotSize)
    rates.volatility = instruments[instrument].rates.maintenanceVolatility
    rates.liquidity = impact(of: lots, instrument: instrument)
    return rates
  }

  /// Rates of the initial requirement but the tiers'.
  @inlinable @inline(__always) func initialRates(lots: Int64, instrument: UInt32, leverageCap: UInt16)
    -> RequirementRates
  {
    var rates = RequirementRates()
    rates.size = sizePremium(
      base: instruments[instrument].parameters.initialBase, factor: instruments[instrument].parameters.sizeFactor,
      lots: lots, lotSize: instruments[instrument].lotSize)
    rates.volatility = instruments[instrument].rates.initialVolatility
    rates.openInterest = instruments[instrument].rates.openInterest
    if leverageCap > 0 { rates.leverage = Rate(Rate.one.rawValue.dividedRoundingUp(by: Int64(leverageCap))) }
    rates.liquidity = impact(of: lots, instrument: instrument)
    return rates
  }

  /// λ(q): impact of closing a position of `lots`, on the side it would be closed into.
  @inlinable @inline(__always) func impact(of lots: Int64, instrument: UInt32) -> Rate {
    let curve = lots > 0 ? instruments[instrument].longCurve : instruments[instrument].shortCurve
    return curves[curve].rate(Quantity(lots).magnitude)
  }

  /// Requirement of a fully collateralised account: a long can lose its whole value, a short up to the price cap.
  @inlinable func maximalLoss(of lots: Int64, instrument: UInt32) -> Money {
    let mark = instruments[instrument].mark
    if lots > 0 { return instruments[instrument].value(Quantity(lots), at: mark) }
    let rise = Price(instruments[instrument].maximumPrice.rawValue - mark.rawValue)
    return instruments[instrument].value(Quantity(-lots), at: rise)
  }

  /// Whether initial equity counts the whole value of a long option: then its premium is no loss.
  @inlinable func countsValue(ofOptionIn position: UInt32) -> Bool {
    switch accounts[positions[position].account].mode {
    case .standard: false
    case .fullyCollateralised: true
    case .portfolio: instruments[positions[position].instrument].oracleGuard.countsGains
    }
  }

  /// R_buy + R_sell: what initial equity loses if a whole side fills at its worst limit. The *sum* of the sides: the gain
  /// of one never pays for the other.
  @inlinable @inline(__always) public func openLoss(of position: UInt32) -> Money {
    let instrument = positions[position].instrument
    if instruments[instrument].kind == .option && !countsValue(ofOptionIn: position) {
      return optionOpenLoss(of: position)
    }
    let mark = instruments[instrument].mark.rawValue
    var loss = Money.zero
    let buys = positions[position].reachableBuy
    if buys > 0 && positions[position].worstBuy.rawValue > mark {
      loss += instruments[instrument].value(Quantity(buys), at: Price(positions[position].worstBuy.rawValue - mark))
    }
    let sells = positions[position].reachableSell
    if sells > 0 && positions[position].worstSell.rawValue < mark {
      loss += instruments[instrument].value(Quantity(sells), at: Price(mark - positions[position].worstSell.rawValue))
    }
    return loss
  }
}

extension Ledger {
  /// The rates behind ``positionMargin(of:)``, on the side that binds.
  public func bindingRates(of position: UInt32) -> RequirementRates {
    let instrument = positions[position].instrument
    let account = positions[position].account
    guard accounts[account].mode != .fullyCollateralised, instruments[instrument].kind.isLinear else {
      return RequirementRates()
    }
    let (long, short) = (positions[position].worstLong, positions[position].worstShort)
    let longBinds = initialMargin(holding: long, of: position) >= initialMargin(holding: short, of: position)
    let lots = longBinds ? long : short
    if lots == 0 { return RequirementRates() }
    let whole = masterLots(holding: lots, of: position)
    if accounts[account].mode == .portfolio {
      var rates = RequirementRates()
      rates.size = sizeExcess(of: whole, instrument: instrument)
      rates.liquidity = impact(of: whole, instrument: instrument)
      return rates
    }
    var rates = initialRates(
      lots: whole, instrument: instrument, leverageCap: accounts[account].leverageCap)
    let tiers = instruments[instrument].parameters.initialTiers
    let notional = instruments[instrument].value(Quantity(whole).magnitude, at: instruments[instrument].mark)
    if tiers != 0 && notional.rawValue > 0 {
      // Where the product would leave 128 bits the amount has saturated at the last rate.
      let amount = schedules[tiers].amount(notional).rawValue
      let (product, overflow) = amount.multipliedReportingOverflow(by: 1_000_000_000)
      rates.tier =
        overflow
        ? schedules[tiers].lastRate : Rate(Int64(clamping: product.dividedRoundingUp(by: notional.rawValue)))
    }
    return rates
  }

  /// The rates but the tiers' of the maintenance and the initial requirement of holding `lots`, without a leverage cap.
  public func rates(holding lots: Int64, instrument: UInt32) -> (
    maintenance: RequirementRates, initial: RequirementRates
  ) {
    (
      maintenanceRates(lots: lots, instrument: instrument),
      initialRates(lots: lots, instrument: instrument, leverageCap: 0)
    )
  }
}
