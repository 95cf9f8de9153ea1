import Values

/// What an account is worth and what it needs, computed from nothing but its state and the market.
struct ModelMargin {
  var equity: Int128 = 0
  var initialEquity: Int128 = 0
  var initialMargin: Int128 = 0
  var maintenanceMargin: Int128 = 0
  /// Initial equity with no unrealised gain in it, for withdrawals.
  var withdrawalEquity: Int128 = 0
  /// Lowest asset without a price that is a debt, or that open orders could make a debt.
  var unpricedDebt: AssetId?

  var free: Int128 { initialEquity - initialMargin }
  var cushion: Int128 { equity - maintenanceMargin }
  var reported: AccountMargin {
    AccountMargin(
      equity: Money(equity), initialEquity: Money(initialEquity), initialMargin: Money(initialMargin),
      maintenanceMargin: Money(maintenanceMargin))
  }
}

/// All open orders of an account in one instrument.
struct ModelOpenOrders {
  var buys: Int128 = 0
  var sells: Int128 = 0
  var reduceOnlyBuys: Int128 = 0
  var reduceOnlySells: Int128 = 0
  var lots: Int128 { buys + sells + reduceOnlyBuys + reduceOnlySells }

  init(_ account: ModelAccount, _ instrument: ModelInstrument) {
    for order in account.orders where order.instrument == instrument.id {
      switch (order.side, order.isReduceOnly) {
      case (.buy, false): buys += order.open
      case (.buy, true): reduceOnlyBuys += order.open
      case (.sell, false): sells += order.open
      case (.sell, true): reduceOnlySells += order.open
      }
    }
  }

  /// x+: the position when all buys have filled.
  func worstLong(_ lots: Int128) -> Int128 { lots + buys + min(reduceOnlyBuys, max(-lots, 0)) }
  /// x−: the position when all sells have filled.
  func worstShort(_ lots: Int128) -> Int128 { lots - sells - min(reduceOnlySells, max(lots, 0)) }
  /// Lots of buys that can really fill; reduce-only ones also close what open sells build up first.
  func fillableBuys(_ lots: Int128) -> Int128 { buys + min(reduceOnlyBuys, max(-lots, 0) + sells) }
  func fillableSells(_ lots: Int128) -> Int128 { sells + min(reduceOnlySells, max(lots, 0) + buys) }
}

extension ModelAccount {
  /// What the open orders in an instrument may still be charged in fees.
  func provision(_ instrument: ModelInstrument) -> Int128 {
    orders.reduce(0) { $0 + ($1.instrument == instrument.id ? $1.provision(instrument) : 0) }
  }
}

/// Rate of the size premium for `lots` lots.
func sizeRate(base: Int128, factor: Int128, lots: Int128, lotSize: Int128) -> Int128 {
  if factor == 0 { return base }
  let microUnits = productUp(abs(lots), lotSize, dividedBy: 1_000_000)
  let premium = productUp(base, 4, dividedBy: 5) + productUp(factor, rootUp(microUnits), dividedBy: 1000)
  return min(10 * one, max(base, premium))
}

/// Rate of market impact for `lots` lots: lines between the knots, proportional to size beyond the last.
func impactRate(_ curve: [(lots: Int128, rate: Int128)], lots: Int128) -> Int128 {
  guard let first = curve.first, let last = curve.last, lots > 0 else { return 0 }
  if lots <= first.lots { return first.rate }
  for (left, right) in zip(curve, curve.dropFirst()) where lots <= right.lots {
    return left.rate + productUp(right.rate - left.rate, lots - left.lots, dividedBy: right.lots - left.lots)
  }
  return max(last.rate, min(one, productUp(last.rate, lots, dividedBy: last.lots)))
}

func abs(_ value: Int128) -> Int128 { value < 0 ? -value : value }

extension ReferenceVenue {
  func margin(of account: ModelAccount) -> ModelMargin {
    var result = ModelMargin()
    let isCollateralised = account.mode == .fullyCollateralised
    result.equity = account.balance(.settlement)
    result.initialEquity = result.equity
    for (asset, balance) in account.balances where asset != .settlement && !isCollateralised {
      result.equity += value(of: balance, asset, initial: false)
      result.initialEquity += value(of: balance, asset, initial: true)
    }
    result.withdrawalEquity = result.initialEquity
    var positions: Int128 = 0
    for (id, position) in account.positions {
      let instrument = instruments[id]!
      guard instrument.isPerpetual, let mark = instrument.mark else { continue }
      let orders = ModelOpenOrders(account, instrument)
      let profit = position.lots * mark * instrument.multiplier - position.cost
      let weight = isCollateralised ? one : instrument.parameters!.profitWeight
      result.equity += profit
      result.initialEquity += min(profit, productDown(profit, weight, dividedBy: one))
      result.withdrawalEquity += isCollateralised ? profit : min(profit, 0)
      result.maintenanceMargin += maintenance(position.lots, account, instrument, mark)
      let siblings = isCollateralised || fault == .forgottenSiblings ? (0, 0) : siblingLots(account, instrument)
      positions += max(
        initial(orders.worstLong(position.lots), account, instrument, mark, siblings),
        initial(orders.worstShort(position.lots), account, instrument, mark, siblings))
      let buys = orders.fillableBuys(position.lots) * (position.worstBuy - mark) * instrument.multiplier
      let sells = orders.fillableSells(position.lots) * (mark - position.worstSell) * instrument.multiplier
      positions += max(0, buys) + max(0, sells) + account.provision(instrument)
    }
    let reserve = spotReserve(account)
    result.initialMargin = productUp(positions + reserve, account.multiplier, dividedBy: one)
    result.maintenanceMargin = productUp(result.maintenanceMargin, account.multiplier, dividedBy: one)
    let payable = payableAndReceivable(account).payable
    for (asset, definition) in assets where definition.price == nil {
      let lowest = account.balance(asset) - (payable[asset] ?? 0)
      if lowest < 0 || account.balance(asset) < 0 { result.unpricedDebt = min(asset, result.unpricedDebt ?? asset) }
    }
    return result
  }

  /// The parts of the requirement, as text.
  func explain(_ account: ModelAccount) -> [String] {
    account.positions.sorted { $0.key < $1.key }.map { id, position in
      let instrument = instruments[id]!
      let orders = ModelOpenOrders(account, instrument)
      let siblings = siblingLots(account, instrument)
      return "  model instrument=\(id.rawValue) \(position) x+=\(orders.worstLong(position.lots)) "
        + "x-=\(orders.worstShort(position.lots)) siblings=\(siblings) provision=\(account.provision(instrument)) "
        + "mark=\(instrument.mark ?? 0)"
    }
  }

  /// Worst-case long and short lots of the master's other accounts.
  func siblingLots(_ account: ModelAccount, _ instrument: ModelInstrument) -> (long: Int128, short: Int128) {
    var long: Int128 = 0
    var short: Int128 = 0
    for other in accounts where other.master == account.master && other.id != account.id {
      guard let position = other.positions[instrument.id] else { continue }
      let orders = ModelOpenOrders(other, instrument)
      long += max(0, orders.worstLong(position.lots))
      short += max(0, -orders.worstShort(position.lots))
    }
    return (long, short)
  }

  private func maintenance(
    _ lots: Int128, _ account: ModelAccount, _ instrument: ModelInstrument, _ mark: Int128
  ) -> Int128 {
    if lots == 0 { return 0 }
    if account.mode == .fullyCollateralised { return maximalLoss(lots, instrument, mark) }
    let parameters = instrument.parameters!
    let notional = abs(lots) * mark * instrument.multiplier
    let size = sizeRate(
      base: parameters.maintenanceBase, factor: parameters.sizeFactor, lots: lots, lotSize: instrument.lotSize)
    let tiers = parameters.maintenanceTiers.amount(notional).dividedRoundingUp(by: one)
    let plain = productUp(notional, max(size, parameters.maintenanceVolatility), dividedBy: one)
    let impact = impactRate(lots > 0 ? instrument.longCurve : instrument.shortCurve, lots: abs(lots))
    return max(tiers, plain) + productUp(notional, impact, dividedBy: one)
  }

  /// I(x): tiers, size and impact are looked up with the master's lots, the amount is on the account's own.
  private func initial(
    _ lots: Int128, _ account: ModelAccount, _ instrument: ModelInstrument, _ mark: Int128,
    _ siblings: (long: Int128, short: Int128)
  ) -> Int128 {
    if lots == 0 { return 0 }
    if account.mode == .fullyCollateralised { return maximalLoss(lots, instrument, mark) }
    let parameters = instrument.parameters!
    let together = abs(lots) + (lots > 0 ? siblings.long : siblings.short)
    let notional = abs(lots) * mark * instrument.multiplier
    let togetherNotional = together * mark * instrument.multiplier
    let tiers = productUp(
      notional, parameters.initialTiers.amount(togetherNotional), dividedBy: one * togetherNotional)
    let size = sizeRate(
      base: parameters.initialBase, factor: parameters.sizeFactor, lots: together, lotSize: instrument.lotSize)
    let volatility = max(
      parameters.initialVolatility,
      productUp(parameters.volatilityRatio, parameters.maintenanceVolatility, dividedBy: one))
    let leverage = account.leverageCap == 0 ? 0 : one.dividedRoundingUp(by: account.leverageCap)
    let plain = productUp(notional, max(size, volatility, leverage), dividedBy: one)
    let impact = impactRate(lots > 0 ? instrument.longCurve : instrument.shortCurve, lots: together)
    return max(tiers, plain) + productUp(notional, impact, dividedBy: one)
  }

  private func maximalLoss(_ lots: Int128, _ instrument: ModelInstrument, _ mark: Int128) -> Int128 {
    lots > 0
      ? lots * mark * instrument.multiplier
      : -lots * (instrument.maximumPriceGiven - mark) * instrument.multiplier
  }
}
