import Values

// The requirement of an account in portfolio mode (README.md, "Portfolio mode"), kept by what changes.

extension Ledger {
  /// Price scan range of a group as a rate of the price: max(floor, volatility rate it follows).
  @inlinable @inline(__always) public func scanRange(of group: UInt32) -> Rate {
    let followed = groups[group].parameters.volatilityInstrument
    if followed == 0 { return groups[group].parameters.rangeFloor }
    return max(groups[group].parameters.rangeFloor, instruments[followed].rates.maintenanceVolatility)
  }

  /// Which expiry a position's delta counts in; perpetuals share expiry 0.
  @inlinable func scanExpiry(of instrument: UInt32) -> Int64 {
    instruments[instrument].expiry.isSet ? instruments[instrument].expiry.time.rawValue : 0
  }

  /// Brings the risk array of an instrument up to date with its mark and its group.
  @inlinable mutating func refreshArray(of instrument: UInt32, group: UInt32, range: Rate) {
    if risks[instrument].epoch == instruments[instrument].epoch && risks[instrument].range == range
      && risks[instrument].groupEpoch == groups[group].epoch
    {
      return
    }
    rebuildArray(of: instrument, group: group, range: range)
  }

  @usableFromInline mutating func rebuildArray(of instrument: UInt32, group: UInt32, range: Rate) {
    risks[instrument].array = makeArray(of: instrument, group: group, range: range)
    risks[instrument].epoch = instruments[instrument].epoch
    risks[instrument].range = range
    risks[instrument].groupEpoch = groups[group].epoch
  }

  /// What has expired, or has no mark yet, has no risk.
  private func makeArray(of instrument: UInt32, group: UInt32, range: Rate) -> RiskArray {
    let record = instruments[instrument]
    if record.isExpired || !record.hasMark { return RiskArray() }
    if record.kind.isLinear { return RiskArray(linear: record.value(Quantity(1), at: record.mark), range: range) }
    guard let model = model(of: instrument, at: record.option.pricedAt) else { return RiskArray() }
    return RiskArray(
      option: model, mark: record.mark, multiplier: record.multiplier, range: range,
      shock: groups[group].parameters.volatilityShock,
      shortOptionMinimum: groups[group].parameters.shortOptionMinimum)
  }

  /// Size and liquidity of holding `lots`, looked up at `whole` lots: ⌈N·(λ + max(0, r_size − base))⌉, of options with the
  /// underlying's notional.
  ///
  /// Both for IM and MM the premium is over the maintenance base, so that IM is never below MM.
  @inlinable func sizeAndLiquidity(of lots: Int64, whole: Int64, instrument: UInt32) -> Money {
    if lots == 0 { return .zero }
    let isOption = instruments[instrument].kind == .option
    let price = isOption ? instruments[instrument].option.underlying : instruments[instrument].mark
    let notional = instruments[instrument].value(Quantity(lots).magnitude, at: price)
    let excess = sizeExcess(of: whole, instrument: instrument).rawValue
    return Rate(impact(of: whole, instrument: instrument).rawValue + excess).roundedUp(of: notional)
  }

  /// max(0, r_size − base).
  @inlinable func sizeExcess(of lots: Int64, instrument: UInt32) -> Rate {
    let base = instruments[instrument].parameters.maintenanceBase
    let size = sizePremium(
      base: base, factor: instruments[instrument].parameters.sizeFactor, lots: lots,
      lotSize: instruments[instrument].lotSize)
    return Rate(max(0, size.rawValue - base.rawValue))
  }

  // MARK: By event

  /// After a change of one position's lots: its old contribution goes out of the vectors, the new one comes in. O(16),
  /// and O(expiries + groups of the account) for the sums.
  ///
  /// `isKnown`: its old contribution was made with the array as it is now.
  @usableFromInline mutating func refreshLeg(of position: UInt32, isKnown: Bool) {
    let leg = positions[position].leg
    let holding = legs[leg].holding
    let group = holdings[holding].group
    let range = scanRange(of: group)
    let isFresh =
      holdings[holding].groupEpoch == groups[group].epoch && holdings[holding].range == range
      && !holdings[holding].isWide && (isKnown || legs[leg].isEmpty)
    if isFresh {
      refreshArray(of: positions[position].instrument, group: group, range: range)
      moveLeg(of: position)
    } else {
      rebuild(holding, of: positions[position].account)
    }
    combineGroups(positions[position].account)
  }

  private mutating func moveLeg(of position: UInt32) {
    let instrument = positions[position].instrument
    let leg = positions[position].leg
    let holding = legs[leg].holding
    let old = legs[leg]
    let new = lots(of: position)
    let reach =
      holdings[holding].reach - risks[instrument].array.reach(long: old.long, short: old.short)
      + risks[instrument].array.reach(long: new.long, short: new.short)
    holdings[holding].reach = reach
    if reach > RiskArray.narrow { return }
    let isOption = isLiveOption(instrument)
    if old.held != new.held {
      holdings[holding].held &-= risks[instrument].array.contribution(of: old.held)
      count(held: new.held, before: old.held, of: leg, instrument: instrument, isOption: isOption)
      refreshFigures(of: holding, worst: false)
    }
    if old.long != new.long || old.short != new.short {
      holdings[holding].worst &-= risks[instrument].array.worstContribution(long: old.long, short: old.short)
      count(long: new.long, short: new.short, before: old, of: leg, instrument: instrument, isOption: isOption)
      refreshFigures(of: holding, worst: true)
    }
  }

  /// An expired option needs no short option minimum.
  @inline(__always) private func isLiveOption(_ instrument: UInt32) -> Bool {
    instruments[instrument].kind == .option && !instruments[instrument].isExpired
  }

  /// q, x+ and x− of a position.
  @inline(__always) private func lots(of position: UInt32) -> (held: Int64, long: Int64, short: Int64) {
    (positions[position].quantity.rawValue, positions[position].worstLong, positions[position].worstShort)
  }

  private mutating func count(held: Int64, before: Int64, of leg: UInt32, instrument: UInt32, isOption: Bool) {
    let holding = legs[leg].holding
    holdings[holding].held &+= risks[instrument].array.contribution(of: held)
    expiries[legs[leg].expiry].held += (held - before) * risks[instrument].array.delta
    if isOption { holdings[holding].shortHeld += max(0, -held) - max(0, -before) }
    legs[leg].held = held
  }

  private mutating func count(
    long: Int64, short: Int64, before: PortfolioLeg, of leg: UInt32, instrument: UInt32, isOption: Bool
  ) {
    let holding = legs[leg].holding
    let expiry = legs[leg].expiry
    let delta = risks[instrument].array.delta
    holdings[holding].worst &+= risks[instrument].array.worstContribution(long: long, short: short)
    expiries[expiry].low += min(long * delta, short * delta) - min(before.long * delta, before.short * delta)
    expiries[expiry].high += max(long * delta, short * delta) - max(before.long * delta, before.short * delta)
    if isOption { holdings[holding].shortWorst += max(0, -short) - max(0, -before.short) }
    legs[leg].long = long
    legs[leg].short = short
  }

  // MARK: In full

  /// Reckons all stale holdings of an account anew. `touch` calls this after the positions are fresh.
  @usableFromInline mutating func refreshHoldings(of account: UInt32) {
    var holding = accounts[account].firstHolding
    while holding != 0 {
      let group = holdings[holding].group
      if holdings[holding].groupEpoch != groups[group].epoch || holdings[holding].range != scanRange(of: group) {
        rebuild(holding, of: account)
      }
      holding = holdings[holding].next
    }
    combineGroups(account)
  }

  /// Reckons one holding from the account's positions. O(positions × 16).
  @usableFromInline mutating func rebuild(_ holding: UInt32, of account: UInt32) {
    let group = holdings[holding].group
    let range = scanRange(of: group)
    clear(holding)
    holdings[holding].range = range
    holdings[holding].groupEpoch = groups[group].epoch
    var position = accounts[account].firstPosition
    while position != 0 {
      let leg = positions[position].leg
      if leg != 0 && legs[leg].holding == holding {
        let instrument = positions[position].instrument
        refreshArray(of: instrument, group: group, range: range)
        let new = lots(of: position)
        holdings[holding].reach += risks[instrument].array.reach(long: new.long, short: new.short)
        legs[leg] = PortfolioLeg(holding: holding, expiry: legs[leg].expiry)
        if !holdings[holding].isWide {
          let isOption = isLiveOption(instrument)
          count(held: new.held, before: 0, of: leg, instrument: instrument, isOption: isOption)
          count(
            long: new.long, short: new.short, before: legs[leg], of: leg, instrument: instrument, isOption: isOption)
        }
      }
      position = positions[position].next
    }
    if holdings[holding].isWide { return }
    refreshFigures(of: holding, worst: false)
    refreshFigures(of: holding, worst: true)
  }

  private mutating func clear(_ holding: UInt32) {
    holdings[holding].held = ScanVector(repeating: 0)
    holdings[holding].worst = ScanVector(repeating: 0)
    holdings[holding].reach = 0
    holdings[holding].shortHeld = 0
    holdings[holding].shortWorst = 0
    var expiry = holdings[holding].firstExpiry
    while expiry != 0 {
      expiries[expiry].held = 0
      expiries[expiry].low = 0
      expiries[expiry].high = 0
      expiry = expiries[expiry].next
    }
  }

  /// Scan loss, calendar charge and certain delta from the vectors and the expiries.
  private mutating func refreshFigures(of holding: UInt32, worst: Bool) {
    var (long, short, low, high): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
    var expiry = holdings[holding].firstExpiry
    while expiry != 0 {
      let bottom = worst ? expiries[expiry].low : expiries[expiry].held
      let top = worst ? expiries[expiry].high : expiries[expiry].held
      long += max(0, top)
      short += max(0, -bottom)
      low += bottom
      high += top
      expiry = expiries[expiry].next
    }
    var figures = NarrowFigures()
    figures.scanLoss = worst ? holdings[holding].worst.scanLoss : holdings[holding].held.scanLoss
    let rate = groups[holdings[holding].group].parameters.spreadRate
    figures.spread = Int64(calendarCharge(long: Money(long), short: Money(short), rate: rate).rawValue)
    figures.delta = low > 0 ? low : high < 0 ? high : 0
    if worst { holdings[holding].worstFigures = figures } else { holdings[holding].heldFigures = figures }
  }

  // MARK: The sums of an account

  /// Scan loss, spread, short option minimum and certain delta of a holding, of S or of W.
  public func figures(of holding: UInt32, account: UInt32, worst: Bool) -> GroupFigures {
    if holdings[holding].isWide { return wideFigures(of: holding, account: account, worst: worst) }
    let narrow = worst ? holdings[holding].worstFigures : holdings[holding].heldFigures
    let minimum = groups[holdings[holding].group].parameters.shortOptionMinimum
    let short = worst ? holdings[holding].shortWorst : holdings[holding].shortHeld
    var figures = GroupFigures()
    figures.scanLoss = Money(narrow.scanLoss)
    figures.spread = Money(narrow.spread)
    figures.delta = Money(narrow.delta)
    if short > 0 { figures.shortOptions = Money(Int128(short) * minimum.rawValue) }
    return figures
  }

  /// What other groups of the account relieve a holding of.
  public func credit(of holding: UInt32, _ figures: GroupFigures, account: UInt32, worst: Bool) -> Money {
    let group = holdings[holding].group
    var relation = groups[group].firstCredit
    if relation == 0 || figures.delta == .zero { return .zero }
    var legs = Money.zero
    let range = scanRange(of: group)
    while relation != 0 {
      let other = findHolding(account: account, group: partner(of: group, in: relation))
      if other != 0 {
        let theirs = self.figures(of: other, account: account, worst: worst).delta
        let isFirst = credits[relation].first == group
        let matched = credits[relation].matched(isFirst ? figures.delta : theirs, isFirst ? theirs : figures.delta)
        legs += credits[relation].leg(of: matched, range: range)
      }
      relation = nextCredit(of: group, after: relation)
    }
    return figures.credit(legs, cap: groups[group].parameters.creditCap)
  }

  /// Replaces what the account's risk groups add to its sums.
  @usableFromInline mutating func combineGroups(_ account: UInt32) {
    var (maintenance, initial) = (Money.zero, Money.zero)
    var holding = accounts[account].firstHolding
    while holding != 0 {
      let held = figures(of: holding, account: account, worst: false)
      let worst = figures(of: holding, account: account, worst: true)
      maintenance += held.requirement(credit: credit(of: holding, held, account: account, worst: false))
      initial += groups[holdings[holding].group].parameters.initialMultiplier.roundedUp(
        of: worst.requirement(credit: credit(of: holding, worst, account: account, worst: true)))
      holding = holdings[holding].next
    }
    accounts[account].terms.maintenanceMargin += maintenance - accounts[account].groupMaintenance
    accounts[account].terms.initialMargin += initial - accounts[account].groupInitial
    accounts[account].groupMaintenance = maintenance
    accounts[account].groupInitial = initial
  }
}
