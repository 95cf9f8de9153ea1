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

/// What a trigger of a position watches.
@frozen public enum PositionTrigger: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case fallingMark = 0
  case risingMark = 1
  /// The rate coordinate; of an option the underlying price behind its mark.
  case risingRate = 2
  /// Portfolio mode: the rate coordinate of the instrument that the scan range of its group follows.
  case risingRange = 3
}

/// One position's or balance's losses per unit of its coordinates.
@frozen @usableFromInline struct BandLoss {
  /// mq per 100 % of price, falling and rising.
  @usableFromInline var falling: Int128 = 0
  @usableFromInline var rising: Int128 = 0
  /// mq per 100 % of rate.
  @usableFromInline var rate: Int128 = 0
  /// Portfolio mode: mq per 100 % of the scan range of its group.
  @usableFromInline var range: Int128 = 0
  /// Options: mq per 100 % of the underlying price behind the mark, rising.
  @usableFromInline var underlying: Int128 = 0
  @inlinable init() {}
  @inlinable var price: Int128 { max(falling, rising) }
}

/// How far coordinates may move: all prices by `budget` over `losses` of themselves, rates by `rateWidth`.
@frozen @usableFromInline struct BandShare {
  @usableFromInline var budget: Int128
  @usableFromInline var losses: Int128
  @usableFromInline var rateWidth: Int64

  @usableFromInline init(budget: Int128, losses: Int128, rateWidth: Int64) {
    self.budget = budget
    self.losses = losses
    self.rateWidth = rateWidth
  }
}

extension Ledger {
  /// Widest band of a rate, in ppb: 5 %. It bounds the slope of the requirement while the band holds.
  @inlinable static var widestRateBand: Int64 { 50_000_000 }
  /// Roundings of one position or balance, in mq.
  @inlinable static var roundings: Int128 { 8 }

  // MARK: Numbers of triggers and ladders

  @inlinable static var triggersPerPosition: UInt32 { 4 }
  @inlinable static var laddersPerInstrument: UInt32 { 6 }

  @inlinable func trigger(_ trigger: PositionTrigger, of position: UInt32) -> UInt32 {
    (position - 1) * Self.triggersPerPosition + UInt32(trigger.rawValue) + 1
  }

  @inlinable func trigger(ofBalance balance: UInt32) -> UInt32 {
    UInt32(positions.capacity) * Self.triggersPerPosition + balance
  }

  /// The account whose trigger it is.
  @inlinable public func account(ofTrigger trigger: UInt32) -> UInt32 {
    let boundary = UInt32(positions.capacity) * Self.triggersPerPosition
    return trigger <= boundary
      ? positions[(trigger - 1) / Self.triggersPerPosition + 1].account : balances[trigger - boundary].account
  }

  /// Falling and rising mark, and the rates of those who would close longs and shorts.
  @inlinable public static func markLadder(_ instrument: UInt32, falls: Bool) -> UInt32 {
    instrument * laddersPerInstrument + (falls ? 0 : 1)
  }
  @inlinable public static func rateLadder(_ instrument: UInt32, long: Bool) -> UInt32 {
    instrument * laddersPerInstrument + (long ? 3 : 5)
  }
  @inlinable public func priceLadder(_ asset: UInt32, falls: Bool) -> UInt32 {
    UInt32(instruments.capacity + 1) * Self.laddersPerInstrument + 2 * asset + (falls ? 0 : 1)
  }

  /// ρ: the volatility rate and all rises of the impact curve of that side so far. Of an option: the underlying price
  /// behind its mark, on both sides.
  @inlinable public func rateCoordinate(of instrument: UInt32, long: Bool) -> Int64 {
    if instruments[instrument].kind == .option { return instruments[instrument].option.underlying.rawValue }
    return instruments[instrument].rates.maintenanceVolatility.rawValue
      + (long ? instruments[instrument].longCurveRise : instruments[instrument].shortCurveRise)
  }

  // MARK: Losses per unit

  @usableFromInline func bandLoss(of position: UInt32, level: Rate) -> BandLoss {
    var loss = BandLoss()
    let lots = positions[position].quantity.rawValue
    let instrument = positions[position].instrument
    if lots == 0 || instruments[instrument].kind == .spot || instruments[instrument].isExpired { return loss }
    if accounts[positions[position].account].mode == .portfolio { return portfolioLoss(of: position, level: level) }
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

  /// Loss of a linear position in portfolio mode; of options see ``isOnWatchList(_:)``.
  @usableFromInline func portfolioLoss(of position: UInt32, level: Rate) -> BandLoss {
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
    var slope = Int128(scanRange(of: group).rawValue) + Int128(groups[group].parameters.spreadRate.rawValue)
    slope += 2 * Int128(widestRange(of: account).rawValue) + 3 * widest
    slope += Int128(impact(of: lots, instrument: instrument).rawValue) + widest * beyond
    slope += Int128(sizeExcess(of: lots, instrument: instrument).rawValue)
    let one: Int128 = 1_000_000_000
    let scaled = (slope * multiplier).dividedRoundingUp(by: one)
    let adverse = Self.share(notional, one + scaled)
    let other = Self.share(notional, max(0, scaled - Int128(level.rawValue)))
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

  /// Whether an account is on the watch list: it is looked at with every move of what it holds, because nothing bounds
  /// what the move costs. So it is with options in portfolio mode.
  @usableFromInline func isOnWatchList(_ account: UInt32) -> Bool {
    guard accounts[account].mode == .portfolio else { return false }
    var position = accounts[account].firstPosition
    while position != 0 {
      if positions[position].quantity != .zero && instruments[positions[position].instrument].kind == .option {
        return true
      }
      position = positions[position].next
    }
    return false
  }

  /// The ladder and coordinate of the scan range that a position in portfolio mode depends on; `nil`: a fixed range.
  @usableFromInline func rangeCoordinate(of position: UInt32) -> (ladder: UInt32, coordinate: Int64)? {
    guard accounts[positions[position].account].mode == .portfolio, positions[position].quantity != .zero,
      case let group = riskGroup(ofInstrument: positions[position].instrument), group != 0,
      case let followed = groups[group].parameters.volatilityInstrument, followed != 0
    else { return nil }
    return (Self.rateLadder(followed, long: true), rateCoordinate(of: followed, long: true))
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
    loss.underlying = Self.share(Self.share(underlying, rate), multiplier)
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
  @usableFromInline func room(of account: UInt32, _ margin: AccountMargin, level: Rate) -> Int128 {
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
    return level.roundedDown(of: margin.equity).rawValue - margin.maintenanceMargin.rawValue
      - Self.roundings * count - 2 * multiplier * lots
  }

  /// Registers the account's triggers anew around the present coordinates. It must have been touched.
  ///
  /// An eighth of the room is left over, so that small fills and withdrawals do not need new bands; up to a quarter of
  /// the rest goes to the rates, the remainder to prices in proportion to what each can cost, so that all may move by
  /// the same relative distance. Without room every coordinate gets a band of no width, on both sides.
  /// O(positions + balances).
  public mutating func makeBands(of account: UInt32, margin: AccountMargin, level: Rate) {
    let room = isOnWatchList(account) ? 0 : room(of: account, margin, level: level)
    let budget = max(0, room - room / 8)
    let isWatched = room <= 0
    var (prices, rates): (Int128, Int128) = (0, 0)
    var position = accounts[account].firstPosition
    while position != 0 {
      let loss = bandLoss(of: position, level: level)
      prices = Self.sum(Self.sum(prices, loss.price), loss.underlying)
      rates = Self.sum(Self.sum(rates, loss.rate), loss.range)
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      prices = Self.sum(prices, bandLoss(ofBalance: balance).price)
      balance = balances[balance].next
    }
    let rateBudget = min(budget / 4, Self.share(rates, Int128(Self.widestRateBand)))
    let priceBudget = min(budget - rateBudget, prices)
    let widest = rates == 0 ? 0 : productOverRoundedDown(rateBudget, 1_000_000_000, rates)
    let rateWidth = min(Self.widestRateBand, Int64(clamping: widest))

    let share = BandShare(budget: priceBudget, losses: prices, rateWidth: rateWidth)
    position = accounts[account].firstPosition
    while position != 0 {
      place(position, bandLoss(of: position, level: level), share, isWatched: isWatched)
      position = positions[position].next
    }
    balance = accounts[account].firstBalance
    while balance != 0 {
      let loss = bandLoss(ofBalance: balance)
      let asset = balances[balance].asset
      let price = assets[asset].price.rawValue
      let width = Self.width(priceBudget, of: prices, at: price)
      let falls = loss.falling > 0
      put(
        trigger(ofBalance: balance), on: priceLadder(asset, falls: falls), at: falls ? price - width : price + width,
        if: loss.price > 0)
      balance = balances[balance].next
    }
    measureFloors(of: account, level: level)
  }

  /// Registers the triggers of one position around the present coordinates.
  @usableFromInline mutating func place(_ position: UInt32, _ loss: BandLoss, _ share: BandShare, isWatched: Bool) {
    let instrument = positions[position].instrument
    let mark = instruments[instrument].mark.rawValue
    let width = Self.width(share.budget, of: share.losses, at: mark)
    let holds = loss.price > 0
    put(
      trigger(.fallingMark, of: position), on: Self.markLadder(instrument, falls: true),
      at: mark - width, if: holds && (loss.falling > 0 || isWatched))
    put(
      trigger(.risingMark, of: position), on: Self.markLadder(instrument, falls: false),
      at: mark + width, if: holds && (loss.rising > 0 || isWatched))
    let isLong = positions[position].quantity > .zero
    let rate = rateCoordinate(of: instrument, long: isLong)
    let isOption = instruments[instrument].kind == .option
    put(
      trigger(.risingRate, of: position), on: Self.rateLadder(instrument, long: isLong),
      at: rate + (isOption ? Self.width(share.budget, of: share.losses, at: rate) : share.rateWidth), if: holds)
    let range = rangeCoordinate(of: position)
    put(
      trigger(.risingRange, of: position), on: range?.ladder ?? 0, at: (range?.coordinate ?? 0) + share.rateWidth,
      if: holds && range != nil)
  }

  @usableFromInline static func sum(_ left: Int128, _ right: Int128) -> Int128 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  /// ⌊budget·coordinate/losses⌋, at most the coordinate itself.
  @usableFromInline static func width(_ budget: Int128, of losses: Int128, at coordinate: Int64) -> Int64 {
    if losses == 0 { return 0 }
    return min(coordinate, Int64(clamping: productOverRoundedDown(budget, Int128(coordinate), losses)))
  }

  @usableFromInline mutating func put(_ trigger: UInt32, on ladder: UInt32, at threshold: Int64, if isNeeded: Bool) {
    if isNeeded { triggers.set(trigger, on: ladder, to: threshold) } else { triggers.remove(trigger) }
  }

  /// Takes all triggers of an account off their ladders.
  public mutating func removeBands(of account: UInt32) {
    uncheckedAccounts.remove(account)
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
    var left = room(of: account, margin, level: level)
    if left < 0 || isOnWatchList(account) { return false }
    var position = accounts[account].firstPosition
    while position != 0 {
      guard let cost = cost(of: position, bandLoss(of: position, level: level)) else { return false }
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
    measureFloors(of: account, level: level)
    return true
  }

  /// What the coordinates of a position can cost on their way to its thresholds; `nil`: a trigger is missing or wrong.
  @usableFromInline func cost(of position: UInt32, _ loss: BandLoss) -> Int128? {
    let falling = triggers[trigger(.fallingMark, of: position)]
    let rising = triggers[trigger(.risingMark, of: position)]
    let rate = triggers[trigger(.risingRate, of: position)]
    let range = triggers[trigger(.risingRange, of: position)]
    if loss.price == 0 {
      return falling.ladder == 0 && rising.ladder == 0 && rate.ladder == 0 && range.ladder == 0 ? 0 : nil
    }
    let instrument = positions[position].instrument
    let mark = instruments[instrument].mark.rawValue
    let isLong = positions[position].quantity > .zero
    guard loss.falling == 0 || falling.ladder != 0, loss.rising == 0 || rising.ladder != 0,
      rate.ladder == Self.rateLadder(instrument, long: isLong)
    else { return nil }
    let coordinate = rateCoordinate(of: instrument, long: isLong)
    let width = rate.threshold - coordinate
    if loss.rate > 0 && width > Self.widestRateBand { return nil }
    let price = max(
      Self.loss(loss.falling, width: mark - falling.threshold, of: mark),
      Self.loss(loss.rising, width: rising.threshold - mark, of: mark))
    var rates = Self.sum(
      Self.loss(loss.rate, width: width, of: 1_000_000_000), Self.loss(loss.underlying, width: width, of: coordinate))
    if let followed = rangeCoordinate(of: position) {
      let width = range.threshold - followed.coordinate
      guard range.ladder == followed.ladder, width <= Self.widestRateBand else { return nil }
      rates = Self.sum(rates, Self.loss(loss.range, width: width, of: 1_000_000_000))
    }
    return Self.sum(price, rates)
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

extension Ledger {
  /// Bounds of the mark between which a position's account is not looked at; `nil`: none on that side.
  public func markBand(of position: UInt32) -> (lower: Int64?, upper: Int64?) {
    let falling = triggers[trigger(.fallingMark, of: position)]
    let rising = triggers[trigger(.risingMark, of: position)]
    return (falling.ladder == 0 ? nil : falling.threshold, rising.ladder == 0 ? nil : rising.threshold)
  }

  /// Bound of the rate coordinate of a position.
  public func rateBand(of position: UInt32) -> Int64? {
    let rate = triggers[trigger(.risingRate, of: position)]
    return rate.ladder == 0 ? nil : rate.threshold
  }

  /// Bounds of the price of a balance's asset.
  public func band(ofBalance balance: UInt32) -> (lower: Int64?, upper: Int64?) {
    let record = triggers[trigger(ofBalance: balance)]
    if record.ladder == 0 { return (nil, nil) }
    return record.ladder & 1 == 0 ? (record.threshold, nil) : (nil, record.threshold)
  }
}
