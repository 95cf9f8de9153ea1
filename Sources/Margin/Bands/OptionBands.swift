import Values

// Bands of accounts that hold options in portfolio mode.
//
// Everything about an option changes in one place, when it is priced anew (``Ledger/reprice(_:at:)``): its mark M, the
// underlying price U, the implied volatility σ and the time to expiry T behind it, and the risk array that is made of
// them. Between pricings the array is not stale but exact, so no allowance for an old one is needed. The coordinates are
// U, σ, T, the scan range r of the group, the impact curve, and the number x of samples of the settlement price.
//
// The requirement here is one without credits, MM_band = k·(Σ max(SL + spread, minimum) + size and liquidity) ≥ k·MM, with
// spread = ⌈rate·½·Σ|q|·m·U⌉ at least the calendar charge (0 where all lots expire together). Certain deltas have no
// slope that is bounded (gamma), so credits and the exact calendar charge could not be banded. ℓ·E − MM_band is the least,
// over scenarios, of a sum over positions; that of an option of q lots is, for a scenario that counts in full,
//
//   ℓ·q·M·m + k·q·(V − M)·m = k·q·V·m − (k − ℓ)·q·M·m,       k ≥ 1 ≥ ℓ
//
// V being its value in the scenario. For what counts at 35 % and for no loss the terms below are larger still. A value is
// V = B(p·U, K, s): Black-76 with p = max(0, 1 + r·t/3), p ≤ 1 + r (of the extreme moves 35 % of 1 + 2·r count, together
// with 65 % of M: not more than 1 + r in all), and s = σ·g(T), g = (1 ± v·term(T))·√(T − 1 day), of the mark g = √T. All g
// rise with T. |∂B/∂F| ≤ 1, of one sign; 0 ≤ ∂B/∂s ≤ 0.4·F, the density of the normal distribution being below 0.4. The
// cap of an option only takes slopes away, and inside the settlement window, while x stands, it is the same with the part of
// U that moves. So, going from (U0, σ0, T0, r0) to (U1, σ1, T1, r1) one coordinate after the other, U first at the new range,
// then r at the old U, then s by σ1·g(T1) − σ0·g(T0) = g(T1)·(σ1 − σ0) + σ0·(g(T1) − g(T0)), T falling, V moves at most by
//
//   (1 + r1)·|U1 − U0| + U0·|r1 − r0| + 0.4·(1 + r0)·U0·(g(T0)·|σ1 − σ0| + σ0·(g(T0) − g(T1)))
//
// With A = |q|·m·U0 that is, per 100 % of a coordinate:
//
//   U, long call or short put    falling: A·k·(1 + r1)         rising: A·(k − ℓ)
//   U, short call or long put    rising:  A·k·(1 + r1)         falling: A·(k − ℓ)
//     rising, on top of either: A·k·(½ spread rate + λ + size premium)
//   σ, long     falling: 0.4·A·k·(1 + r0)·σ0·g(T0)             rising: 0.4·A·(k − ℓ)·σ0·√T0
//   σ, short    the same with the directions exchanged
//   r           both: k·A (a mixed book can lose by a smaller range; so the linear positions beside options have both, too)
//   T           long: 0.4·A·k·(1 + r0)·σ0·(g(T0) − g(T1))      short: 0.4·A·(k − ℓ)·σ0·(√T0 − √T1)
//   curve       k·A·⌈|q|/x_last⌉
//
// g(T0) is the larger of √T0 and the g with the volatility up; its fall over a time is the larger of theirs. x has a band of
// no width: with each sample holders are looked at. The mark is B rounded to a price unit and at least 1: half a unit at
// both ends, m·|q|·k in all. Values are of 64-bit floating point with an error below 2^−40 of U; A·k·2^−36 is left over.

extension Ledger {
  /// Widths of implied volatilities over those of prices: they move by so much more.
  @inlinable static var volatilityWidth: Int64 { 4 }
  /// The longest decay that bands allow for, in nanoseconds: a day, the look-ahead of the scenarios. It is halved so often.
  private static var longestDecay: Int64 { 86_400_000_000_000 }
  private static var decayHalvings: Int { 11 }

  /// Whether an account has options that count in scenarios.
  @usableFromInline func hasScenarioOptions(_ account: UInt32, worst: Bool = false) -> Bool {
    guard accounts[account].mode == .portfolio else { return false }
    var position = accounts[account].firstPosition
    while position != 0 {
      if isScenarioOption(positions[position].instrument) && lots(of: position, worst: worst) != 0 { return true }
      position = positions[position].next
    }
    return false
  }

  private func isScenarioOption(_ instrument: UInt32) -> Bool {
    instruments[instrument].kind == .option && !instruments[instrument].isExpired
  }

  /// |q|, or the largest lots that fills of its orders can make of it.
  private func lots(of position: UInt32, worst: Bool) -> Int64 {
    if !worst { return Int64(positions[position].quantity.magnitude.rawValue) }
    return Int64(max(positions[position].worstLong.magnitude, positions[position].worstShort.magnitude))
  }

  // MARK: Losses

  /// Loss of an option in portfolio mode.
  @usableFromInline func scenarioLoss(of position: UInt32, _ view: BandView) -> BandLoss {
    var loss = BandLoss()
    let instrument = positions[position].instrument
    let lots = positions[position].quantity.rawValue
    let group = riskGroup(ofInstrument: instrument)
    let notional = underlyingNotional(of: position)
    let slopes = slopes(of: position, view)
    let parameters = groups[group].parameters
    let curve = lots > 0 ? instruments[instrument].longCurve : instruments[instrument].shortCurve
    var premium = Int128(parameters.spreadRate.rawValue).dividedRoundingUp(by: 2)
    premium += Int128(sizeExcess(of: lots, instrument: instrument).rawValue)
    if curves[curve].count > 0 {
      let beyond = curves[curve].timesBeyond(Quantity(lots).magnitude)
      premium += Int128(impact(of: lots, instrument: instrument).rawValue) + Int128(Self.widestRateBand) * beyond
      loss.rate = Self.share(Self.share(notional, slopes.multiplier), beyond * 1_000_000_000)
    }
    let widest = parameters.volatilityInstrument == 0 ? 0 : Int128(Self.widestRateBand)
    let adverse = Self.share(notional, Self.share(1_000_000_000 + slopes.range + widest, slopes.multiplier))
    let other = Self.share(notional, slopes.other)
    let gains = instruments[instrument].option.isCall == (lots > 0)
    loss.underlyingFalling = gains ? adverse : other
    loss.underlyingRising = (gains ? other : adverse) + Self.share(notional, Self.share(premium, slopes.multiplier))
    let factors = deviationFactors(of: instrument, nanoseconds: timeToExpiry(of: instrument))
    let inScenarios = Self.share(
      slopes.scenario, deviation(max(factors.mark, factors.scenario), of: instrument))
    let inMark = Self.share(slopes.mark, deviation(factors.mark, of: instrument))
    loss.volatilityFalling = lots > 0 ? inScenarios : inMark
    loss.volatilityRising = lots > 0 ? inMark : inScenarios
    loss.range = Self.share(notional, slopes.multiplier)
    return loss
  }

  /// A: |q|·m·U.
  private func underlyingNotional(of position: UInt32) -> Int128 {
    let instrument = positions[position].instrument
    return instruments[instrument].value(
      positions[position].quantity.magnitude, at: instruments[instrument].option.underlying
    ).rawValue
  }

  /// k and r, k − ℓ, and A·k·(1 + r0) and A·(k − ℓ).
  private func slopes(
    of position: UInt32, _ view: BandView
  ) -> (multiplier: Int128, range: Int128, other: Int128, scenario: Int128, mark: Int128) {
    let multiplier = Int128(accounts[positions[position].account].multiplier.rawValue)
    let range = Int128(scanRange(of: riskGroup(ofInstrument: positions[position].instrument)).rawValue)
    let other = multiplier - Int128(view.level.rawValue)
    let notional = underlyingNotional(of: position)
    return (
      multiplier, range, other, Self.share(notional, Self.share(1_000_000_000 + range, multiplier)),
      Self.share(notional, other)
    )
  }

  /// 0.4·σ·factor as a rate, rounded up.
  private func deviation(_ factor: Double, of instrument: UInt32) -> Int128 {
    let rate = 0.4 * Double(instruments[instrument].option.volatility.rawValue) * factor
    return Int128(Quantised(rate * 1.000_000_001).high)
  }

  /// √T, and (1 + v·term)·√(T − 1 day).
  private func deviationFactors(of instrument: UInt32, nanoseconds: Int64) -> (mark: Double, scenario: Double) {
    let years = Double(nanoseconds) / 31_536_000_000_000_000
    let later = max(0, years - 1.0 / 365).squareRoot()
    let shock = Double(groups[riskGroup(ofInstrument: instrument)].parameters.volatilityShock.rawValue) / 1_000_000_000
    return (years.squareRoot(), (1 + shock * volatilityTermFactor(days: years * 365)) * later)
  }

  // MARK: Time

  /// What an option loses while the time to its expiry falls from `before` to `after` nanoseconds.
  private func decayLoss(of position: UInt32, from before: Int64, to after: Int64, _ view: BandView) -> Int128 {
    if after >= before { return 0 }
    let instrument = positions[position].instrument
    let slopes = slopes(of: position, view)
    let first = deviationFactors(of: instrument, nanoseconds: before)
    let last = deviationFactors(of: instrument, nanoseconds: after)
    let inMark = first.mark - last.mark
    if positions[position].quantity < .zero { return Self.share(slopes.mark, deviation(inMark, of: instrument)) }
    return Self.share(slopes.scenario, deviation(max(inMark, first.scenario - last.scenario), of: instrument))
  }

  /// The longest time by which all options of an account may decay within a budget, and what that costs at most.
  func decay(of account: UInt32, budget: Int128, _ view: BandView) -> (width: Int64, cost: Int128) {
    var width = Self.longestDecay
    for _ in 0...Self.decayHalvings {
      var cost: Int128 = 0
      var position = accounts[account].firstPosition
      while position != 0 && cost <= budget {
        let instrument = positions[position].instrument
        if isScenarioOption(instrument) && positions[position].quantity != .zero {
          let time = timeToExpiry(of: instrument)
          cost = Self.sum(cost, decayLoss(of: position, from: time, to: max(0, time - width), view))
        }
        position = positions[position].next
      }
      if cost <= budget { return (width, cost) }
      width /= 2
    }
    return (0, 0)
  }

  /// What time can cost until the account is looked at; `nil`: a trigger is missing.
  func decayCost(of position: UInt32, _ view: BandView) -> Int128? {
    let instrument = positions[position].instrument
    let time = triggers[trigger(.fallingTime, of: position)]
    let samples = triggers[trigger(.fallingSamples, of: position)]
    guard time.ladder == ladder(.fallingTime, of: position), samples.ladder == ladder(.fallingSamples, of: position),
      samples.threshold == samplesToCome(of: instrument)
    else { return nil }
    return decayLoss(of: position, from: timeToExpiry(of: instrument), to: time.threshold, view)
  }

  // MARK: The requirement that is banded

  /// MM_band: the maintenance margin without credits, and with the largest calendar charge; of the position as it is, or
  /// at the worst of all fills with what the orders themselves may lose. It is never below the one without `Band`.
  public func bandMaintenance(of account: UInt32, worst: Bool) -> Money {
    let terms = accounts[account].terms
    var sum =
      worst
      ? terms.initialMargin - accounts[account].groupInitial
      : terms.maintenanceMargin - accounts[account].groupMaintenance
    var holding = accounts[account].firstHolding
    while holding != 0 {
      let figures = figures(of: holding, account: account, worst: worst)
      sum += max(figures.scanLoss + largestSpread(of: holding, account: account, worst: worst), figures.shortOptions)
      holding = holdings[holding].next
    }
    return accounts[account].multiplier.roundedUp(of: sum)
  }

  /// ⌈rate·½·Σ|q|·m·P⌉ of a holding, options with the underlying price: at least its calendar charge. Zero where all lots
  /// expire together.
  private func largestSpread(of holding: UInt32, account: UInt32, worst: Bool) -> Money {
    let rate = groups[holdings[holding].group].parameters.spreadRate
    if rate == .zero { return .zero }
    var gross: Int128 = 0
    var expiry: Int64 = -1
    var hasSeveral = false
    var position = accounts[account].firstPosition
    while position != 0 {
      let (leg, instrument) = (positions[position].leg, positions[position].instrument)
      let lots = lots(of: position, worst: worst)
      if leg != 0 && legs[leg].holding == holding && lots != 0 && !instruments[instrument].isExpired {
        gross += instruments[instrument].value(Quantity(lots), at: scenarioPrice(of: instrument)).rawValue
        hasSeveral = hasSeveral || expiry >= 0 && expiry != scanExpiry(of: instrument)
        expiry = scanExpiry(of: instrument)
      }
      position = positions[position].next
    }
    return hasSeveral ? rate.roundedUp(of: Money(gross.dividedRoundingUp(by: 2))) : .zero
  }

  /// The price that scenarios move.
  private func scenarioPrice(of instrument: UInt32) -> Price {
    instruments[instrument].kind == .option ? instruments[instrument].option.underlying : instruments[instrument].mark
  }

  /// What roundings of marks and of floating point can take, mq; `nil`: figures are so large that nothing is promised.
  func scenarioSlack(of account: UInt32, worst: Bool = false) -> Int128? {
    let multiplier = Int128(accounts[account].multiplier.rawValue).dividedRoundingUp(by: 1_000_000_000)
    var (slack, reach): (Int128, Int128) = (0, 0)
    var position = accounts[account].firstPosition
    while position != 0 {
      let instrument = positions[position].instrument
      let lots = lots(of: position, worst: worst)
      if positions[position].leg != 0 && lots != 0 && !instruments[instrument].isExpired {
        let notional = instruments[instrument].value(Quantity(lots), at: scenarioPrice(of: instrument)).rawValue
        let range = Int128(scanRange(of: riskGroup(ofInstrument: instrument)).rawValue)
        // Prices can double inside their bands, with twice the range on top.
        reach += 4 * Self.share(notional, 1_000_000_000 + 2 * (range + Int128(Self.widestRateBand)))
        if instruments[instrument].kind == .option {
          if instruments[instrument].option.volatility == .zero { return nil }
          let unit = instruments[instrument].value(Quantity(lots), at: Price(1)).rawValue
          slack += multiplier * (unit + (notional >> 36) + 1)
        }
      }
      position = positions[position].next
    }
    return reach > RiskArray.narrow ? nil : slack
  }

  /// Whether an account in portfolio mode has something that has expired and is about to be turned into money: what was
  /// hedged by it may need more from then on, and the account is looked at in its turn.
  public func awaitsSettlement(_ account: UInt32) -> Bool {
    guard accounts[account].mode == .portfolio else { return false }
    var position = accounts[account].firstPosition
    while position != 0 {
      if positions[position].quantity != .zero && instruments[positions[position].instrument].isExpired { return true }
      position = positions[position].next
    }
    return false
  }

  // MARK: What a check compares with

  /// As ``measureFloors(of:_:)`` for the account as a whole.
  mutating func measureScenarioFloor(of account: UInt32, _ view: BandView) {
    var floor: Int128 =
      room(of: account, margin(of: account), view) - view.level.roundedDown(of: settledCash(of: account)).rawValue
    var position = accounts[account].firstPosition
    while position != 0 {
      let cost = cost(of: position, bandLoss(of: position, view), view) ?? Self.largestPart
      floor -= min(cost, Self.largestPart)
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      floor -= min(cost(ofBalance: balance) ?? Self.largestPart, Self.largestPart)
      balance = balances[balance].next
    }
    let measured: Money = Money(floor)
    accounts[account].bandFloor = accounts[account].isWatched ? Self.unknownFloor : max(Self.unknownFloor, measured)
  }

  /// Whether ℓ·E − MM_band is at least what its bands promise. A fill puts that off until the account is looked at.
  func isAboveScenarioFloor(_ account: UInt32, _ margin: AccountMargin, _ view: BandView) -> Bool {
    if uncheckedAccounts.contains(account) { return true }
    let now = view.level.roundedDown(of: margin.equity) - bandMaintenance(of: account, worst: false)
    return now >= accounts[account].bandFloor + view.level.roundedDown(of: settledCash(of: account))
  }
}
