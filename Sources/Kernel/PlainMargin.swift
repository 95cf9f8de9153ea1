import Margin
import Matching
import Values

/// One account's margin, reckoned plainly from its balances, positions and the orders in the books.
///
/// The slow, obviously right version: no cached sum is read. The only shared pieces are the records themselves and the
/// bracket tables' rows.
struct PlainMargin {
  var equity: Int128 = 0
  var initialEquity: Int128 = 0
  var initialMargin: Int128 = 0
  var maintenanceMargin: Int128 = 0
  var openOrders = 0
  /// Settlement quanta that open orders can pay out.
  var payable: Int128 = 0
  /// Settlement quanta that open orders can bring in.
  var receivable: Int128 = 0
  /// 0, or the id of an instrument whose open lots, notionals or worst limits do not agree with its orders.
  var openLotsFault: Int128 = 0

  let isFullyCollateralised: Bool
  let isPortfolio: Bool
  var portfolio = PlainPortfolio()
  private static let one: Int128 = 1_000_000_000

  init(of account: UInt32, ledger: borrowing Ledger, books: borrowing OrderBooks) {
    let record = ledger.accounts[account]
    isFullyCollateralised = record.mode == .fullyCollateralised
    isPortfolio = record.mode == .portfolio
    let cash = Self.grown(record.cash.rawValue, since: record.cashIndex, ledger.settlement.interest)
    equity = cash
    initialEquity = cash
    addCollateral(record, ledger)

    var claims = Claims()
    var slot = record.firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      let open = OpenSide.totals(of: position, ledger, books)
      openOrders += open.buy.orders + open.sell.orders
      check(open, position, ledger)
      claims.add(open, ledger.instruments[position.instrument])
      if ledger.instruments[position.instrument].kind.isLinear {
        addLinear(position, slot, record, open, ledger)
      } else if ledger.instruments[position.instrument].kind == .option {
        addOption(position, open, ledger)
      }
      slot = position.next
    }
    payable = claims.payable[0, default: 0]
    receivable = claims.receivable[0, default: 0]
    initialMargin += spotReserve(record, claims, ledger, books)
    if isPortfolio {
      let groups = portfolio.requirements(ledger)
      initialMargin += groups.initial
      maintenanceMargin += groups.maintenance
    }
    // Total roundings, as in the engine: a mark may have carried the amounts beyond what a product of theirs can hold.
    if record.multiplier != .one {
      initialMargin = record.multiplier.roundedUp(of: Money(initialMargin)).rawValue
      maintenanceMargin = record.multiplier.roundedUp(of: Money(maintenanceMargin)).rawValue
    }
  }

  static func up(_ numerator: Int128, _ denominator: Int128) -> Int128 {
    let quotient = numerator / denominator
    return quotient * denominator < numerator ? quotient + 1 : quotient
  }

  static func down(_ numerator: Int128, _ denominator: Int128) -> Int128 { -up(-numerator, denominator) }

  /// Gains at a price that liquidates nobody do not count towards new risk.
  static func isSuspect(_ oracleGuard: OracleGuard) -> Bool {
    oracleGuard == .reduceOnlyNoLiquidation || oracleGuard == .halt
  }

  // MARK: Collateral

  private mutating func addCollateral(_ record: Account, _ ledger: borrowing Ledger) {
    if isFullyCollateralised { return }
    var slot = record.firstBalance
    while slot != 0 {
      let asset = ledger.assets[ledger.balances[slot].asset]
      let amount = Self.grown(
        Int128(ledger.balances[slot].amount), since: ledger.balances[slot].index, asset.interest)
      equity += Self.worth(amount, asset, initial: false, ledger)
      initialEquity += Self.worth(amount, asset, initial: true, ledger)
      slot = ledger.balances[slot].next
    }
  }

  /// Value of a balance: price, then the haircut bracket by bracket.
  private static func worth(_ amount: Int128, _ asset: Asset, initial: Bool, _ ledger: borrowing Ledger) -> Int128 {
    var price = Int128(asset.price.rawValue)
    if price == 0 || amount == 0 { return 0 }
    if initial && amount > 0 && isSuspect(asset.oracleGuard) { return 0 }
    let stable = Int128(asset.stablePrice.rawValue)
    if initial && stable > 0 { price = amount < 0 ? max(price, stable) : min(price, stable) }
    var scale: Int128 = 1
    for _ in 0..<asset.priceScale { scale *= 10 }
    if amount < 0 {
      let addon = initial ? asset.debtAddonInitial : asset.debtAddonMaintenance
      return -share(-amount * price, one + Int128(addon.rawValue), of: scale * one, roundsUp: true)
    }
    let table = initial ? asset.haircutInitial : asset.haircutMaintenance
    var value = amount * price * one
    if table != 0 {
      // Haircut of the part of the notional inside each bracket.
      for index in 0..<ledger.schedules[table].count {
        let row = ledger.schedules[table].row(index)
        let lower = row.lower.rawValue * scale
        if amount * price <= lower { break }
        var upper = amount * price
        if index + 1 < ledger.schedules[table].count {
          upper = min(upper, ledger.schedules[table].row(index + 1).lower.rawValue * scale)
        }
        value -= (upper - lower) * Int128(row.rate.rawValue)
      }
    }
    return down(value, scale * one)
  }

  /// A balance with its interest: b·I/I0 rounded down, I the borrowing index for debts and the lending index for holdings.
  static func grown(_ amount: Int128, since start: InterestIndex, _ interest: Interest) -> Int128 {
    if amount == 0 { return 0 }
    let index = amount < 0 ? interest.borrowIndex.rawValue : interest.lendIndex.rawValue
    return amount < 0
      ? -share(-amount, index, of: start.rawValue, roundsUp: true)
      : share(amount, index, of: start.rawValue, roundsUp: false)
  }

  /// amount·numerator/denominator by a product of 256 bits; none is negative.
  private static func share(
    _ amount: Int128, _ numerator: Int128, of denominator: Int128, roundsUp: Bool
  ) -> Int128 {
    let product = UInt128(amount).multipliedFullWidth(by: UInt128(numerator))
    let (quotient, remainder) = UInt128(denominator).dividingFullWidth(product)
    return Int128(quotient) + (roundsUp && remainder > 0 ? 1 : 0)
  }

  // MARK: Perpetuals and futures

  private mutating func addLinear(
    _ position: Position, _ slot: UInt32, _ account: Account, _ open: OpenTotals, _ ledger: borrowing Ledger
  ) {
    let instrument = ledger.instruments[position.instrument]
    let quantity = Int128(position.quantity.rawValue)
    let unit = Int128(instrument.mark.rawValue) * Int128(instrument.multiplier)
    let profit = quantity * unit - position.cost.rawValue
    equity += profit
    let moved = quantity * (instrument.funding.index.rawValue - position.funding.rawValue)
    let funding = Self.down(-moved, 1_000_000_000)
    equity += funding
    initialEquity += funding
    if instrument.phase == .expired {
      initialEquity += profit
      return
    }
    let weight =
      isFullyCollateralised
      ? Rate.one : Self.isSuspect(instrument.oracleGuard) ? .zero : instrument.parameters.profitWeight
    initialEquity += profit > 0 ? weight.roundedDown(of: Money(profit)).rawValue : profit
    maintenanceMargin += requirement(quantity, quantity, instrument, account, ledger, initial: false)
    let long = quantity + open.buy.plain + min(open.buy.reducing, max(-quantity, 0))
    let short = quantity - open.sell.plain - min(open.sell.reducing, max(quantity, 0))
    let siblings = Self.siblings(of: account, position.instrument, ledger)
    let held = max(
      requirement(
        long, long > 0 ? long + siblings.long : long - siblings.short, instrument, account, ledger, initial: true),
      requirement(
        short, short > 0 ? short + siblings.long : short - siblings.short, instrument, account, ledger, initial: true))
    if isPortfolio {
      portfolio.add(PlainPortfolio.Lots(held: quantity, long: long, short: short), instrument, ledger)
    }
    let buys = open.buy.plain + min(open.buy.reducing, max(-quantity, 0) + open.sell.plain)
    let sells = open.sell.plain + min(open.sell.reducing, max(quantity, 0) + open.buy.plain)
    let multiplier = Int128(instrument.multiplier)
    let buyLoss = buys * Int128(position.worstBuy.rawValue) * multiplier - buys * unit
    let sellLoss = sells * unit - sells * Int128(position.worstSell.rawValue) * multiplier
    initialMargin += held + max(0, buyLoss) + max(0, sellLoss) + open.buy.provision + open.sell.provision
  }

  /// Worst-case lots of the master's other accounts in an instrument, from their positions.
  private static func siblings(
    of account: Account, _ instrument: UInt32, _ ledger: borrowing Ledger
  ) -> (long: Int128, short: Int128) {
    var (long, short): (Int128, Int128) = (0, 0)
    var other = ledger.masters[account.master].firstAccount
    while other != 0 {
      let slot =
        ledger.accounts[other].id == account.id ? 0 : ledger.findPosition(account: other, instrument: instrument)
      if slot != 0 {
        let position = ledger.positions[slot]
        long += Int128(max(0, position.worstLong))
        short += Int128(max(0, -position.worstShort))
      }
      other = ledger.accounts[other].nextInMaster
    }
    return (long, short)
  }

  /// Requirement of holding `lots`, with rates looked up at `whole` lots.
  private func requirement(
    _ lots: Int128, _ whole: Int128, _ instrument: Instrument, _ account: Account, _ ledger: borrowing Ledger,
    initial: Bool
  ) -> Int128 {
    if lots == 0 { return 0 }
    let unit = Int128(instrument.mark.rawValue) * Int128(instrument.multiplier)
    if isFullyCollateralised {
      let cap = Int128(instrument.maximumPrice.rawValue) * Int128(instrument.multiplier)
      return lots > 0 ? lots * unit : -lots * (cap - unit)
    }
    let parameters = instrument.parameters
    let notional = abs(lots) * unit
    let size = abs(whole)
    let curve = Self.curve(lots > 0 ? .buy : .sell, instrument, ledger)
    if isPortfolio {
      // Size and liquidity; the rest is in the scenarios.
      let base = Int128(parameters.maintenanceBase.rawValue)
      let excess = Self.sizeRate(parameters.maintenanceBase, size, instrument) - base
      return Rate(Int64(max(0, excess) + Self.impact(size, curve))).roundedUp(of: Money(notional)).rawValue
    }
    var rate = Self.sizeRate(initial ? parameters.initialBase : parameters.maintenanceBase, size, instrument)
    if initial {
      rate = max(rate, Self.volatility(instrument, ledger).initial)
      if account.leverageCap > 0 { rate = max(rate, Self.up(Self.one, Int128(account.leverageCap))) }
    } else {
      rate = max(rate, Self.volatility(instrument, ledger).maintenance)
    }
    let table = initial ? parameters.initialTiers : parameters.maintenanceTiers
    var amount = Rate(Int64(rate)).roundedUp(of: Money(notional)).rawValue
    if table != 0 { amount = max(amount, Self.tiered(notional, size * unit, table, ledger)) }
    return amount + Rate(Int64(Self.impact(size, curve))).roundedUp(of: Money(notional)).rawValue
  }

  /// Volatility rates in force, and r_OI among the initial ones: from the measured record, or from the parameters.
  static func volatility(
    _ instrument: Instrument, _ ledger: borrowing Ledger
  ) -> (initial: Int128, maintenance: Int128) {
    var initial = Int128(instrument.parameters.initialVolatility.rawValue)
    var maintenance = Int128(instrument.parameters.maintenanceVolatility.rawValue)
    var openInterest: Int128 = 0
    if instrument.volatility != 0 {
      let state = ledger.volatilities[instrument.volatility].state
      initial = Int128(state.history.rate(0).rawValue)
      maintenance = Int128(state.maintenance.rawValue)
      openInterest = Int128(state.openInterest.rawValue)
    }
    let scaled = up(Int128(instrument.parameters.volatilityRatio.rawValue) * maintenance, one)
    return (max(max(initial, scaled), openInterest), maintenance)
  }

  /// The impacts at the measured sizes, or the curve that was set.
  private static func curve(_ side: Side, _ instrument: Instrument, _ ledger: borrowing Ledger) -> [(Int128, Int128)] {
    if instrument.liquidity != 0 {
      let state = ledger.liquidities[instrument.liquidity].state
      let rates = side == .buy ? state.longs : state.shorts
      return (0..<8).map { (Int128(state.parameters.sizes[$0]), Int128(rates[$0])) }
    }
    let curve = ledger.curves[side == .buy ? instrument.longCurve : instrument.shortCurve]
    return (0..<curve.count).map { (Int128(curve.knot($0).0.rawValue), Int128(curve.knot($0).1.rawValue)) }
  }

  /// The tax on `whole`, bracket by bracket, and of it the share of `notional`.
  private static func tiered(
    _ notional: Int128, _ whole: Int128, _ table: UInt32, _ ledger: borrowing Ledger
  ) -> Int128 {
    var tax: Int128 = 0
    for index in 0..<ledger.schedules[table].count {
      let row = ledger.schedules[table].row(index)
      if whole <= row.lower.rawValue { break }
      var upper = whole
      if index + 1 < ledger.schedules[table].count {
        upper = min(upper, ledger.schedules[table].row(index + 1).lower.rawValue)
      }
      let (part, overflow) = (upper - row.lower.rawValue).multipliedReportingOverflow(by: Int128(row.rate.rawValue))
      if overflow { return ledger.schedules[table].lastRate.roundedUp(of: Money(notional)).rawValue }
      tax += part
    }
    if whole == notional { return up(tax, one) }
    let (divisor, overflow) = whole.multipliedReportingOverflow(by: one)
    let product = UInt128(notional).multipliedFullWidth(by: UInt128(tax))
    if overflow || product.high >= UInt128(divisor) {
      return ledger.schedules[table].lastRate.roundedUp(of: Money(notional)).rawValue
    }
    let (quotient, remainder) = UInt128(divisor).dividingFullWidth(product)
    return Int128(quotient) + (remainder > 0 ? 1 : 0)
  }

  private static func sizeRate(_ base: Rate, _ lots: Int128, _ instrument: Instrument) -> Int128 {
    let factor = Int128(instrument.parameters.sizeFactor.rawValue)
    if factor == 0 { return Int128(base.rawValue) }
    let millionths = up(lots * Int128(instrument.lotSize), 1_000_000)
    var low: Int128 = 0
    var high: Int128 = 1 << 45
    while low < high {
      let middle = (low + high) / 2
      if middle * middle >= millionths { high = middle } else { low = middle + 1 }
    }
    let rate = up(4 * Int128(base.rawValue), 5) + up(low * factor, 1000)
    return min(Int128(Rate.maximum.rawValue), max(Int128(base.rawValue), rate))
  }

  private static func impact(_ lots: Int128, _ knots: [(Int128, Int128)]) -> Int128 {
    if knots.isEmpty || lots == 0 { return 0 }
    var previous: (lots: Int128, rate: Int128)?
    for (size, rate) in knots {
      if lots <= size {
        guard let previous else { return rate }
        return previous.rate + up((rate - previous.rate) * (lots - previous.lots), size - previous.lots)
      }
      previous = (size, rate)
    }
    return max(previous!.rate, min(one, up(previous!.rate * lots, previous!.lots)))
  }

  // MARK: Spot

  private func spotReserve(
    _ account: Account, _ claims: Claims, _ ledger: borrowing Ledger, _ books: borrowing OrderBooks
  ) -> Int128 {
    // Exact: whole mq and 10^-27 mq apart, because one product of a slope can need all 128 bits.
    var whole: Int128 = 0
    var fraction: Int128 = 0
    let unit = Self.tenToThe(27)
    func add(_ part: (whole: Int128, fraction: Int128)) {
      whole += part.whole
      fraction += part.fraction
      if fraction >= unit {
        fraction -= unit
        whole += 1
      }
    }
    var slot = account.firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      let instrument = ledger.instruments[position.instrument]
      if instrument.kind == .spot {
        let open = OpenSide.totals(of: position, ledger, books)
        let base = slopes(account, instrument.baseAsset, claims, ledger)
        let quote = slopes(account, instrument.quoteAsset, claims, ledger)
        let multiplier = Int128(instrument.multiplier)
        let lot = Int128(instrument.baseLot)
        let (buys, sells) = (open.buy.plain, open.sell.plain)
        let buyLoss = Self.difference(
          Self.times(buys * Int128(position.worstBuy.rawValue) * multiplier, quote.out),
          Self.times(buys * lot, base.into))
        let sellLoss = Self.difference(
          Self.times(sells * lot, base.out),
          Self.times(sells * Int128(position.worstSell.rawValue) * multiplier, quote.into))
        if buyLoss.whole >= 0 { add(buyLoss) }
        if sellLoss.whole >= 0 { add(sellLoss) }
        add(Self.times(open.buy.provision + open.sell.provision, quote.out))
      }
      slot = position.next
    }
    return fraction > 0 ? whole + 1 : whole
  }

  /// A slope in units of 10^-scale·10^-9 mq per quantum.
  private typealias Steepness = (numerator: Int128, scale: UInt8)

  private static func tenToThe(_ exponent: UInt8) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }

  private static func times(_ quanta: Int128, _ slope: Steepness) -> (whole: Int128, fraction: Int128) {
    let denominator = tenToThe(slope.scale) * one
    let (product, overflow) = quanta.multipliedReportingOverflow(by: slope.numerator)
    if overflow {
      let wide = UInt128(quanta).multipliedFullWidth(by: UInt128(slope.numerator))
      let parts = UInt128(denominator).dividingFullWidth(wide)
      return (Int128(parts.quotient), Int128(parts.remainder) * tenToThe(18 - slope.scale))
    }
    let whole = product / denominator
    return (whole, (product - whole * denominator) * tenToThe(18 - slope.scale))
  }

  private static func difference(
    _ left: (whole: Int128, fraction: Int128), _ right: (whole: Int128, fraction: Int128)
  ) -> (whole: Int128, fraction: Int128) {
    let fraction = left.fraction - right.fraction
    let whole = left.whole - right.whole
    return fraction < 0 ? (whole - 1, fraction + tenToThe(27)) : (whole, fraction)
  }

  /// Slopes of the initial value at the two ends of what the open orders can do to a balance.
  private func slopes(
    _ account: Account, _ asset: UInt32, _ claims: Claims, _ ledger: borrowing Ledger
  ) -> (out: Steepness, into: Steepness) {
    if asset == 0 { return ((Self.one, 0), (Self.one, 0)) }
    let record = ledger.assets[asset]
    if isFullyCollateralised { return ((0, record.priceScale), (0, record.priceScale)) }
    let slot = ledger.findBalance(account: ledger.find(account.id), asset: asset)
    let amount =
      slot == 0
      ? 0 : Self.grown(Int128(ledger.balances[slot].amount), since: ledger.balances[slot].index, record.interest)
    let out = Self.steepness(record, at: amount - claims.payable[asset, default: 0], rising: true, ledger)
    let into = Self.steepness(record, at: amount + claims.receivable[asset, default: 0], rising: false, ledger)
    return (out, min(out.numerator, into.numerator) == into.numerator ? into : out)
  }

  private static func steepness(
    _ asset: Asset, at amount: Int128, rising: Bool, _ ledger: borrowing Ledger
  ) -> Steepness {
    var price = Int128(asset.price.rawValue)
    if price == 0 { return (0, asset.priceScale) }
    let isDebt = amount < 0 || (amount == 0 && !rising)
    let stable = Int128(asset.stablePrice.rawValue)
    if stable > 0 { price = isDebt ? max(price, stable) : min(price, stable) }
    if isDebt { return (price * (one + Int128(asset.debtAddonInitial.rawValue)), asset.priceScale) }
    if isSuspect(asset.oracleGuard) { return (0, asset.priceScale) }
    var haircut: Int128 = 0
    if asset.haircutInitial != 0 {
      for index in 0..<ledger.schedules[asset.haircutInitial].count {
        let row = ledger.schedules[asset.haircutInitial].row(index)
        let bound = row.lower.rawValue * tenToThe(asset.priceScale)
        if index == 0 || amount * price > bound || (rising && amount * price == bound) {
          haircut = Int128(row.rate.rawValue)
        }
      }
    }
    return (price * (one - haircut), asset.priceScale)
  }

  // MARK: Orders

  private mutating func check(_ open: OpenTotals, _ position: Position, _ ledger: borrowing Ledger) {
    let agrees =
      open.buy.plain == Int128(position.openBuy.rawValue) && open.buy.reducing == Int128(position.reduceBuy.rawValue)
      && open.sell.plain == Int128(position.openSell.rawValue)
      && open.sell.reducing == Int128(position.reduceSell.rawValue)
      && open.buy.provision + open.sell.provision == position.provision.rawValue
      && (open.buy.orders == 0 || open.buy.highest <= position.worstBuy.rawValue)
      && (open.sell.orders == 0 || open.sell.lowest >= position.worstSell.rawValue)
    if !agrees { openLotsFault = Int128(ledger.instruments[position.instrument].id.rawValue) }
  }
}

/// One side of a position's open orders, added up from the orders themselves.
struct OpenSide {
  var orders = 0
  var plain: Int128 = 0
  var reducing: Int128 = 0
  /// Σ open lots × limit × m.
  var value: Int128 = 0
  var provision: Int128 = 0
  var highest: Int64 = .min
  var lowest: Int64 = .max

  static func totals(of position: Position, _ ledger: borrowing Ledger, _ books: borrowing OrderBooks) -> OpenTotals {
    var totals = OpenTotals()
    let instrument = ledger.instruments[position.instrument]
    let multiple = Int128(ledger.accounts[position.account].feeTier.maker.rawValue)
    let fee = max(0, PlainMargin.up(Int128(instrument.makerFee.rawValue) * multiple, 1_000_000_000))
    var slot = position.firstOrder
    while slot != 0 {
      let order = books[slot]
      if order.side == .buy { totals.buy.add(order, instrument, fee) } else { totals.sell.add(order, instrument, fee) }
      slot = order.ownerNext
    }
    return totals
  }

  private mutating func add(_ order: Order, _ instrument: Instrument, _ rate: Int128) {
    orders += 1
    if order.flags.contains(.reduceOnly) {
      reducing += Int128(order.open.rawValue)
    } else {
      plain += Int128(order.open.rawValue)
    }
    let worth = Int128(order.open.rawValue) * Int128(order.price.rawValue) * Int128(instrument.multiplier)
    value += worth
    let one: Int128 = 1_000_000_000
    provision += max(0, PlainMargin.up(order.feeAccrued + worth * rate, one) - PlainMargin.up(order.feeAccrued, one))
    highest = max(highest, order.price.rawValue)
    lowest = min(lowest, order.price.rawValue)
  }
}

/// Both sides of a position's open orders.
struct OpenTotals {
  var buy = OpenSide()
  var sell = OpenSide()
}

/// What all open orders of an account can pay and receive, by asset slot (0: settlement).
private struct Claims {
  var payable: [UInt32: Int128] = [:]
  var receivable: [UInt32: Int128] = [:]

  mutating func add(_ open: OpenTotals, _ instrument: Instrument) {
    payable[instrument.quoteAsset, default: 0] += open.buy.provision + open.sell.provision
    if instrument.kind == .option {
      payable[0, default: 0] += open.buy.value
      receivable[0, default: 0] += open.sell.value
    }
    guard instrument.kind == .spot else { return }
    let lot = Int128(instrument.baseLot)
    payable[instrument.quoteAsset, default: 0] += open.buy.value
    payable[instrument.baseAsset, default: 0] += open.sell.plain * lot
    receivable[instrument.quoteAsset, default: 0] += open.sell.value
    receivable[instrument.baseAsset, default: 0] += open.buy.plain * lot
  }
}
