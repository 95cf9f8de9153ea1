import Values

// Trigger bands: how far marks, prices and rates may move before an account has to be looked at (README.md, "Finding
// liquidations without scanning").
//
// A band is a promise: while no coordinate has passed a threshold, the account has not passed the next edge of its
// state, whatever joint move the coordinates made. With ℓ the level of that edge (1 for liquidation) the account is
// inside while f = ℓ·E − k·MM ≥ 0, k its multiplier. It holds because f is Lipschitz in every coordinate. For one
// position of notional N = |q|·P·m with maintenance margin
//
//   M(P, ρ) = max(T(N), ⌈N·max(s, v)⌉) + ⌈N·λ⌉,
//
// let P move from P0 to P1 and the rates from ρ0 to ρ1. Write M(P1, ρ1) − M(P0, ρ0) as
//
//   [M(P1, ρ1) − M(P0, ρ1)] + [M(P0, ρ1) − M(P0, ρ0)].
//
// The second bracket is at the *old* notional: at most N0·((v1 − v0)⁺ + (λ1 − λ0)⁺). The first is at the *new* rates:
// T is convex with slopes up to its last rate, so M rises with N by at most R = max(last tier rate, s, v1) + λ1 per unit
// and never falls. The rate coordinate ρ = v + Σ (largest rise of a knot, over the changes of the curve) bounds
// (v1 − v0)⁺ + (λ1 − λ0)⁺ by ρ1 − ρ0, times ⌈|q|/x_last⌉ where λ is extrapolated. While ρ is inside its band of width β,
// R ≤ max(last tier rate, s, v0) + λ0 + β·⌈|q|/x_last⌉. So, per unit of relative price move, a position loses at most
//
//   long, falling:  N        (profit falls; the requirement does not rise)
//   long, rising:   N·(k·R − ℓ)⁺
//   short, rising:  N·(1 + k·R)
//
// and per unit of rate k·N·⌈|q|/x_last⌉. A collateral balance b at price p loses at most b·p·(1 − lowest haircut) as p
// falls; a debt |b|·p·(1 + add-on) as it rises. The sum over all factors of (loss per unit × width) is kept below f,
// less 8 mq of roundings per position and balance.
//
// Portfolio mode, linear positions. The requirement of a group is max(SL − credit + spread, minimum) + size and liquidity.
// Per unit of the notional of one position SL moves by at most the scan range r (the weight of the double range is
// 0.35), the calendar charge by its rate, and credits by 2·r_max: a pair's legs move with α of the delta, the shares of
// a group add up to at most 1, each leg is at its own group's range, and the cap is a part of SL. So K = r + spread rate +
// 2·r_max + λ + size premium takes the place of R, in both directions:
//
//   adverse move: N·(1 + k·K)      other direction: N·(k·K − ℓ)⁺
//
// A rise of the range by Δ costs k·N·Δ at most (credits rise with it), a fall nothing: what is left of SL after the
// credit of its own range falls with it. The contribution of a position is rounded per lot: 2·|q| mq more are left over.

/// One position's or balance's losses per unit of its coordinates.
@frozen @usableFromInline struct BandLoss {
  /// mq per 100 % of price, falling and rising.
  @usableFromInline var falling: Int128 = 0
  @usableFromInline var rising: Int128 = 0
  /// mq per 100 % of rate.
  @usableFromInline var rate: Int128 = 0
  /// Portfolio mode: mq per 100 % of the scan range of its group.
  @usableFromInline var range: Int128 = 0
  /// Options: mq per 100 % of the underlying price behind the mark.
  @usableFromInline var underlyingFalling: Int128 = 0
  @usableFromInline var underlyingRising: Int128 = 0
  /// Options in portfolio mode: mq per 100 % of the implied volatility.
  @usableFromInline var volatilityFalling: Int128 = 0
  @usableFromInline var volatilityRising: Int128 = 0
  @inlinable init() {}

  /// What is lost as all prices move by 100 % of themselves, and implied volatilities by so much more.
  @inlinable var price: Int128 {
    Ledger.sum(
      Ledger.sum(max(falling, rising), max(underlyingFalling, underlyingRising)),
      Ledger.product(max(volatilityFalling, volatilityRising), Int128(Ledger.volatilityWidth)))
  }
}

/// How far coordinates may move: all prices by `budget` over `losses` of themselves, rates by `rateWidth`.
@frozen @usableFromInline struct BandShare {
  @usableFromInline var budget: Int128
  @usableFromInline var losses: Int128
  @usableFromInline var rateWidth: Int64
  /// How long options may decay, in nanoseconds.
  @usableFromInline var decay: Int64

  @usableFromInline init(budget: Int128, losses: Int128, rateWidth: Int64, decay: Int64 = 0) {
    self.budget = budget
    self.losses = losses
    self.rateWidth = rateWidth
    self.decay = decay
  }
}

/// What the losses of all positions of an account depend on besides themselves.
@frozen @usableFromInline struct BandView {
  @usableFromInline var level: Rate
  /// Portfolio mode: it has options. Then its bands are those of a requirement without credits.
  @usableFromInline var hasOptions = false
  /// Portfolio mode: the widest scan range among its risk groups.
  @usableFromInline var widestRange = Rate.zero

  @usableFromInline init(level: Rate) { self.level = level }
}

extension Ledger {
  /// Widest band of a rate, in ppb: 5 %. It bounds the slope of the requirement while the band holds.
  @inlinable static var widestRateBand: Int64 { 50_000_000 }
  /// Roundings of one position or balance, in mq.
  @inlinable static var roundings: Int128 { 8 }

  // MARK: Losses per unit

  /// What all losses of an account depend on. O(positions + groups).
  @usableFromInline func bandView(of account: UInt32, level: Rate) -> BandView {
    var view = BandView(level: level)
    guard accounts[account].mode == .portfolio else { return view }
    view.hasOptions = hasScenarioOptions(account)
    view.widestRange = widestRange(of: account)
    return view
  }

  @usableFromInline func bandLoss(of position: UInt32, _ view: BandView) -> BandLoss {
    let level = view.level
    var loss = BandLoss()
    let lots = positions[position].quantity.rawValue
    let instrument = positions[position].instrument
    if lots == 0 || instruments[instrument].kind == .spot || instruments[instrument].isExpired { return loss }
    if accounts[positions[position].account].mode == .portfolio {
      return instruments[instrument].kind == .option
        ? scenarioLoss(of: position, view) : portfolioLoss(of: position, view)
    }
    if instruments[instrument].kind == .option { return optionLoss(of: position, level: level) }
    let notional = instruments[instrument].value(Quantity(lots).magnitude, at: instruments[instrument].mark).rawValue
    let multiplier = Int128(accounts[positions[position].account].multiplier.rawValue)
    let curve = lots > 0 ? instruments[instrument].longCurve : instruments[instrument].shortCurve
    let beyond = curves[curve].timesBeyond(Quantity(lots).magnitude)
    let rates = maintenanceRates(lots: lots, instrument: instrument)
    let tiers = instruments[instrument].parameters.maintenanceTiers
    let last = tiers == 0 ? Rate.zero : schedules[tiers].lastRate
    let slope =
      Int128(max(last, max(rates.size, rates.volatility)).rawValue) + Int128(rates.liquidity.rawValue)
      + Int128(Self.widestRateBand) * beyond
    let one: Int128 = 1_000_000_000
    let scaled = (slope * multiplier).dividedRoundingUp(by: one)
    if lots > 0 {
      loss.falling = notional
      loss.rising = Self.share(notional, max(0, scaled - Int128(level.rawValue)))
    } else {
      loss.rising = Self.share(notional, one + scaled)
    }
    loss.rate = Self.share(Self.share(notional, multiplier), beyond * one)
    return loss
  }

  /// Loss of a linear position in portfolio mode.
  @usableFromInline func portfolioLoss(of position: UInt32, _ view: BandView) -> BandLoss {
    var loss = BandLoss()
    let account = positions[position].account
    let instrument = positions[position].instrument
    let lots = positions[position].quantity.rawValue
    let notional = instruments[instrument].value(Quantity(lots).magnitude, at: instruments[instrument].mark).rawValue
    let multiplier = Int128(accounts[account].multiplier.rawValue)
    let curve = lots > 0 ? instruments[instrument].longCurve : instruments[instrument].shortCurve
    let beyond = curves[curve].timesBeyond(Quantity(lots).magnitude)
    let group = riskGroup(ofInstrument: instrument)
    let widest = Int128(Self.widestRateBand)
    var slope = Int128(scanRange(of: group).rawValue) + Int128(groups[group].parameters.spreadRate.rawValue) + widest
    if !view.hasOptions { slope += 2 * (Int128(view.widestRange.rawValue) + widest) }
    slope += Int128(impact(of: lots, instrument: instrument).rawValue) + widest * beyond
    slope += Int128(sizeExcess(of: lots, instrument: instrument).rawValue)
    let one: Int128 = 1_000_000_000
    let scaled = (slope * multiplier).dividedRoundingUp(by: one)
    let adverse = Self.share(notional, one + scaled)
    let other = Self.share(notional, max(0, scaled - Int128(view.level.rawValue)))
    loss.falling = lots > 0 ? adverse : other
    loss.rising = lots > 0 ? other : adverse
    loss.range = Self.share(notional, multiplier)
    loss.rate = Self.share(loss.range, beyond * one)
    return loss
  }

  /// The widest scan range among the account's risk groups. O(groups).
  private func widestRange(of account: UInt32) -> Rate {
    var range = Rate.zero
    var holding = accounts[account].firstHolding
    while holding != 0 {
      range = max(range, scanRange(of: holdings[holding].group))
      holding = holdings[holding].next
    }
    return range
  }

  /// Loss of an option in standard mode, whose mark and underlying price are set together, from outside.
  ///
  /// A long loses its value as the mark falls; as it rises, the requirement min(value, ⌈o·N⌉) can rise by k times what
  /// equity gains. A short loses as the mark rises. The requirement rises with the underlying by k·o·|q|·U·m at most.
  @usableFromInline func optionLoss(of position: UInt32, level: Rate) -> BandLoss {
    var loss = BandLoss()
    let instrument = positions[position].instrument
    let size = positions[position].quantity.magnitude
    let value = instruments[instrument].value(size, at: instruments[instrument].mark).rawValue
    let underlying = instruments[instrument].value(size, at: instruments[instrument].option.underlying).rawValue
    let multiplier = Int128(accounts[positions[position].account].multiplier.rawValue)
    if positions[position].quantity > .zero {
      loss.falling = value
      loss.rising = Self.share(value, multiplier - Int128(level.rawValue))
    } else {
      loss.rising = value
    }
    let rate = Int128(instruments[instrument].option.parameters.maintenanceRate.rawValue)
    loss.underlyingRising = Self.share(Self.share(underlying, rate), multiplier)
    return loss
  }

  @usableFromInline func bandLoss(ofBalance balance: UInt32) -> BandLoss {
    var loss = BandLoss()
    let asset = balances[balance].asset
    let amount = amount(of: balance)
    if amount == 0 || !assets[asset].hasPrice { return loss }
    let gross = Int128(amount.magnitude) * Int128(assets[asset].price.rawValue)
    let value = gross.dividedRoundingUp(by: assets[asset].scale)
    if amount < 0 {
      loss.rising = Self.share(value, 1_000_000_000 + Int128(assets[asset].debtAddonMaintenance.rawValue))
    } else {
      let table = assets[asset].haircutMaintenance
      let haircut = table == 0 ? 0 : Int128(schedules[table].firstRate.rawValue)
      loss.falling = Self.share(value, 1_000_000_000 - haircut)
    }
    return loss
  }

  /// ⌈amount·ppb/10^9⌉, saturating; neither is negative.
  @usableFromInline static func share(_ amount: Int128, _ partsPerBillion: Int128) -> Int128 {
    if partsPerBillion == 0 || amount == 0 { return 0 }
    let down = productOverRoundedDown(amount, partsPerBillion, 1_000_000_000)
    return down == .max ? down : down + 1
  }

  /// ⌈loss·width/whole⌉, saturating: what a move by `width` of a coordinate that stands at `whole` costs at most.
  @usableFromInline static func loss(_ loss: Int128, width: Int64, of whole: Int64) -> Int128 {
    if loss == 0 || width <= 0 { return 0 }
    let down = productOverRoundedDown(loss, Int128(width), Int128(max(1, whole)))
    return down == .max ? down : down + 1
  }

  // MARK: Making bands

  /// What may be lost before the edge at `level`: ⌊ℓ·E⌋ − MM, less the roundings on the way.
  @usableFromInline func room(of account: UInt32, _ margin: AccountMargin, _ view: BandView) -> Int128 {
    let multiplier = Int128(accounts[account].multiplier.rawValue).dividedRoundingUp(by: 1_000_000_000)
    var count = multiplier * (Int128(accounts[account].positionCount) + 1)
    var balance = accounts[account].firstBalance
    while balance != 0 {
      count += 1
      balance = balances[balance].next
    }
    var lots: Int128 = 0
    if accounts[account].mode == .portfolio {
      var position = accounts[account].firstPosition
      while position != 0 {
        lots += Int128(positions[position].quantity.rawValue.magnitude)
        position = positions[position].next
      }
    }
    let equity = view.level.roundedDown(of: margin.equity).rawValue
    let rest = Self.roundings * count + 2 * multiplier * lots
    if !view.hasOptions { return equity - margin.maintenanceMargin.rawValue - rest }
    guard let slack = scenarioSlack(of: account) else { return -1 }
    return equity - bandMaintenance(of: account, worst: false).rawValue - rest - slack
  }

  /// Registers the account's triggers anew around the present coordinates. It must have been touched.
  ///
  /// An eighth of the room is left over, so that small fills and withdrawals do not need new bands; up to a quarter of
  /// the rest goes to the rates, another to the decay of options, the remainder to prices in proportion to what each can
  /// cost, so that all may move by the same relative distance. Without room every coordinate gets a band of no width, on
  /// both sides. O(positions + balances).
  public mutating func makeBands(of account: UInt32, margin: AccountMargin, level: Rate) {
    let view = bandView(of: account, level: level)
    let room = room(of: account, margin, view)
    let isWatched = room <= 0
    setWatched(account, to: isWatched && view.hasOptions)
    let share = bandShare(of: account, budget: max(0, room - room / 8), view)
    var position = accounts[account].firstPosition
    while position != 0 {
      place(position, bandLoss(of: position, view), share, view, isWatched: isWatched)
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      let loss = bandLoss(ofBalance: balance)
      let asset = balances[balance].asset
      let price = assets[asset].price.rawValue
      let width = Self.width(share.budget, of: share.losses, at: price)
      let falls = loss.falling > 0
      put(
        trigger(ofBalance: balance), on: priceLadder(asset, falls: falls), at: falls ? price - width : price + width,
        if: loss.price > 0)
      balance = balances[balance].next
    }
    measureFloors(of: account, view)
  }

  /// Shares a budget out over all coordinates of an account.
  private func bandShare(of account: UInt32, budget: Int128, _ view: BandView) -> BandShare {
    var (prices, rates): (Int128, Int128) = (0, 0)
    var position = accounts[account].firstPosition
    while position != 0 {
      let loss = bandLoss(of: position, view)
      prices = Self.sum(prices, loss.price)
      rates = Self.sum(Self.sum(rates, loss.rate), loss.range)
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      prices = Self.sum(prices, bandLoss(ofBalance: balance).price)
      balance = balances[balance].next
    }
    let rateBudget = min(budget / 4, Self.share(rates, Int128(Self.widestRateBand)))
    let decay = view.hasOptions ? decay(of: account, budget: budget / 4, view) : (width: 0, cost: 0)
    let priceBudget = min(budget - rateBudget - decay.cost, prices)
    let widest = rates == 0 ? 0 : productOverRoundedDown(rateBudget, 1_000_000_000, rates)
    return BandShare(
      budget: priceBudget, losses: prices, rateWidth: min(Self.widestRateBand, Int64(clamping: widest)),
      decay: decay.width)
  }

  /// Registers the triggers of one position around the present coordinates.
  @usableFromInline mutating func place(
    _ position: UInt32, _ loss: BandLoss, _ share: BandShare, _ view: BandView, isWatched: Bool
  ) {
    let instrument = positions[position].instrument
    let holds = loss.price > 0
    let isOption = instruments[instrument].kind == .option
    let isScenarioOption = isOption && view.hasOptions
    if !isScenarioOption {
      let mark = instruments[instrument].mark.rawValue
      let width = Self.width(share.budget, of: share.losses, at: mark)
      put(.fallingMark, of: position, at: mark - width, if: holds && (loss.falling > 0 || isWatched))
      put(.risingMark, of: position, at: mark + width, if: holds && (loss.rising > 0 || isWatched))
    } else {
      put(.fallingMark, of: position, at: 0, if: false)
      put(.risingMark, of: position, at: 0, if: false)
    }
    let rate = rateCoordinate(of: instrument, long: positions[position].quantity > .zero)
    put(.risingRate, of: position, at: rate + share.rateWidth, if: holds && (!isOption || loss.rate > 0))
    let followed = holds ? followedInstrument(of: position) : 0
    let range = followed == 0 ? 0 : rateCoordinate(of: followed, long: true)
    put(.risingRange, of: position, at: range + share.rateWidth, if: followed != 0)
    if accounts[positions[position].account].mode == .portfolio {
      let volatility = followed == 0 ? 0 : coordinate(.fallingRate, of: followed)
      put(
        .fallingRange, of: position, at: max(0, volatility - share.rateWidth),
        if: view.hasOptions && followed != 0 && isRangeAboveFloor(of: position))
    }
    if isOption { placeOption(position, loss, share, isWatched: isWatched && isScenarioOption, isScenarioOption) }
  }

  /// The triggers that only options have.
  private mutating func placeOption(
    _ position: UInt32, _ loss: BandLoss, _ share: BandShare, isWatched: Bool, _ hasScenarios: Bool
  ) {
    let instrument = positions[position].instrument
    let underlying = instruments[instrument].option.underlying.rawValue
    let width = Self.width(share.budget, of: share.losses, at: underlying)
    put(.fallingUnderlying, of: position, at: underlying - width, if: loss.underlyingFalling > 0 || isWatched)
    put(.risingUnderlying, of: position, at: underlying + width, if: loss.underlyingRising > 0 || isWatched)
    let isLive = hasScenarios && loss.price > 0
    let volatility = instruments[instrument].option.volatility.rawValue
    let wide = min(
      volatility, Self.width(share.budget, of: share.losses, at: volatility, times: Self.volatilityWidth))
    put(
      .fallingVolatility, of: position, at: volatility - wide,
      if: isLive && (loss.volatilityFalling > 0 || isWatched))
    put(
      .risingVolatility, of: position, at: volatility + wide, if: isLive && (loss.volatilityRising > 0 || isWatched))
    put(.fallingTime, of: position, at: max(0, timeToExpiry(of: instrument) - share.decay), if: isLive)
    put(.fallingSamples, of: position, at: samplesToCome(of: instrument), if: isLive)
  }

  /// Whether the scan range of a position can fall.
  private func isRangeAboveFloor(of position: UInt32) -> Bool {
    let parameters = groups[riskGroup(ofInstrument: positions[position].instrument)].parameters
    return coordinate(.fallingRate, of: parameters.volatilityInstrument) > parameters.rangeFloor.rawValue
  }

  @usableFromInline static func product(_ left: Int128, _ right: Int128) -> Int128 {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : product
  }

  @usableFromInline static func sum(_ left: Int128, _ right: Int128) -> Int128 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  /// ⌊budget·coordinate/losses⌋ times `times`, at most the coordinate itself.
  @usableFromInline static func width(
    _ budget: Int128, of losses: Int128, at coordinate: Int64, times: Int64 = 1
  ) -> Int64 {
    if losses == 0 { return 0 }
    return min(coordinate, Int64(clamping: productOverRoundedDown(budget, Int128(coordinate) * Int128(times), losses)))
  }

  @usableFromInline mutating func put(
    _ one: PositionTrigger, of position: UInt32, at threshold: Int64, if isNeeded: Bool
  ) {
    let number = trigger(one, of: position)
    if isNeeded {
      triggers.set(number, on: ladder(one, of: position), to: threshold)
    } else {
      triggers.remove(number)
    }
  }

  @usableFromInline mutating func put(_ trigger: UInt32, on ladder: UInt32, at threshold: Int64, if isNeeded: Bool) {
    if isNeeded { triggers.set(trigger, on: ladder, to: threshold) } else { triggers.remove(trigger) }
  }

  /// Takes all triggers of an account off their ladders.
  public mutating func removeBands(of account: UInt32) {
    uncheckedAccounts.remove(account)
    setWatched(account, to: false)
    var position = accounts[account].firstPosition
    while position != 0 {
      for one in PositionTrigger.allCases { triggers.remove(trigger(one, of: position)) }
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      triggers.remove(trigger(ofBalance: balance))
      balance = balances[balance].next
    }
  }

  // MARK: Looking at bands

  /// Whether the bands still keep their promise after a fill, withdrawal or other change at the present coordinates.
  ///
  /// What all coordinates can cost on their way to their thresholds must not be above the room there is now.
  /// O(positions + balances). Changes nothing but the floors.
  public mutating func bandsHold(of account: UInt32, margin: AccountMargin, level: Rate) -> Bool {
    let view = bandView(of: account, level: level)
    var left = room(of: account, margin, view)
    if left < 0 || accounts[account].isWatched { return false }
    var position = accounts[account].firstPosition
    while position != 0 {
      guard let cost = cost(of: position, bandLoss(of: position, view), view) else { return false }
      left -= min(left + 1, cost)
      if left < 0 { return false }
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      guard let cost = cost(ofBalance: balance) else { return false }
      left -= min(left + 1, cost)
      if left < 0 { return false }
      balance = balances[balance].next
    }
    measureFloors(of: account, view)
    return true
  }

  /// What the coordinates of a position can cost on their way to its thresholds; `nil`: a trigger is missing or wrong.
  @usableFromInline func cost(of position: UInt32, _ loss: BandLoss, _ view: BandView) -> Int128? {
    if loss.price == 0 { return hasTriggers(position) ? nil : 0 }
    let instrument = positions[position].instrument
    let isOption = instruments[instrument].kind == .option
    guard let mark = cost(.fallingMark, loss.falling, .risingMark, loss.rising, of: position),
      let rates = rateCost(of: position, loss, view)
    else { return nil }
    let linear = Self.sum(mark, rates)
    if !isOption { return linear }
    guard
      let underlying = cost(
        .fallingUnderlying, loss.underlyingFalling, .risingUnderlying, loss.underlyingRising, of: position),
      let volatility = cost(
        .fallingVolatility, loss.volatilityFalling, .risingVolatility, loss.volatilityRising, of: position),
      let decay = view.hasOptions ? decayCost(of: position, view) : 0
    else { return nil }
    return Self.sum(linear, Self.sum(Self.sum(underlying, volatility), decay))
  }

  private func hasTriggers(_ position: UInt32) -> Bool {
    for number in 0..<UInt8(Self.firstTriggers + Self.otherTriggers) {
      if let one = PositionTrigger(rawValue: number), triggers[trigger(one, of: position)].ladder != 0 { return true }
    }
    return false
  }

  /// What a price can cost in the worse direction; `nil`: a trigger is missing or stands on another ladder.
  private func cost(
    _ falls: PositionTrigger, _ falling: Int128, _ rises: PositionTrigger, _ rising: Int128, of position: UInt32
  ) -> Int128? {
    guard let fall = cost(falls, falling, of: position), let rise = cost(rises, rising, of: position) else {
      return nil
    }
    return max(fall, rise)
  }

  private func cost(_ trigger: PositionTrigger, _ loss: Int128, of position: UInt32) -> Int128? {
    if loss <= 0 { return 0 }
    let record = triggers[self.trigger(trigger, of: position)]
    guard record.ladder == ladder(trigger, of: position) else { return nil }
    let coordinate = coordinate(ofLadder: record.ladder)
    let width = record.ladder & 1 == 0 ? coordinate - record.threshold : record.threshold - coordinate
    return width > coordinate ? nil : Self.loss(loss, width: width, of: coordinate)
  }

  /// What the rate of a position and the scan range of its group can cost.
  private func rateCost(of position: UInt32, _ loss: BandLoss, _ view: BandView) -> Int128? {
    var cost: Int128 = 0
    func width(_ one: PositionTrigger) -> Int64? {
      let record = triggers[trigger(one, of: position)]
      guard record.ladder == ladder(one, of: position) else { return nil }
      let coordinate = coordinate(ofLadder: record.ladder)
      return record.ladder & 1 == 0 ? coordinate - record.threshold : record.threshold - coordinate
    }
    if instruments[positions[position].instrument].kind != .option || loss.rate > 0 {
      guard let width = width(.risingRate), loss.rate == 0 || width <= Self.widestRateBand else { return nil }
      cost = Self.loss(loss.rate, width: width, of: 1_000_000_000)
    }
    if followedInstrument(of: position) != 0 {
      guard var widest = width(.risingRange) else { return nil }
      if view.hasOptions && isRangeAboveFloor(of: position) {
        guard let falling = width(.fallingRange) else { return nil }
        widest = max(widest, falling)
      }
      guard widest <= Self.widestRateBand else { return nil }
      cost = Self.sum(cost, Self.loss(loss.range, width: widest, of: 1_000_000_000))
    }
    return cost
  }

  /// The same of a balance.
  @usableFromInline func cost(ofBalance balance: UInt32) -> Int128? {
    let loss = bandLoss(ofBalance: balance)
    let trigger = triggers[trigger(ofBalance: balance)]
    if loss.price == 0 { return trigger.ladder == 0 ? 0 : nil }
    let asset = balances[balance].asset
    let falls = loss.falling > 0
    guard trigger.ladder == priceLadder(asset, falls: falls) else { return nil }
    let price = assets[asset].price.rawValue
    let width = falls ? price - trigger.threshold : trigger.threshold - price
    return Self.loss(loss.price, width: width, of: price)
  }
}

extension ImpactCurve {
  /// ⌈size/x_last⌉ beyond the last knot, else 1: how often a shift of the curve counts for that size.
  @inlinable func timesBeyond(_ size: Quantity) -> Int128 {
    if count == 0 { return 1 }
    let last = Int128(lots.span[count - 1])
    return max(1, Int128(size.rawValue).dividedRoundingUp(by: last))
  }

  /// The largest rise of a knot from this curve to `next`; `nil` where their sizes differ.
  public func largestRise(to next: ImpactCurve) -> Int64? {
    guard count == next.count else { return nil }
    var rise: Int64 = 0
    for index in 0..<count {
      if knot(index).0 != next.knot(index).0 { return nil }
      rise = max(rise, next.knot(index).1.rawValue - knot(index).1.rawValue)
    }
    return rise
  }
}
