import Values

// Risk groups and their relations, and which records a portfolio account has in them.

extension Ledger {
  /// The group of an asset, or 0.
  @inlinable public func riskGroup(of asset: UInt32) -> UInt32 { asset == 0 ? 0 : assets[asset].riskGroup }

  /// The group whose scenarios an instrument belongs to, or 0.
  @inlinable public func riskGroup(ofInstrument instrument: UInt32) -> UInt32 {
    riskGroup(of: instruments[instrument].baseAsset)
  }

  /// Makes or changes the risk group of an asset. Groups never go: an account in portfolio mode may rest on them.
  public mutating func setRiskGroup(of asset: UInt32, to parameters: GroupParameters) {
    let known = assets[asset].riskGroup
    if known == 0 {
      assets[asset].riskGroup = groups.insert(RiskGroup(asset: asset, parameters: parameters))
    } else {
      groups[known].parameters = parameters
      groups[known].epoch += 1
    }
    epoch += 1
    needsSweep = true
  }

  /// The relation of two groups, in either order, or 0.
  public func findCredit(_ first: UInt32, _ second: UInt32) -> UInt32 {
    var credit = groups[first].firstCredit
    while credit != 0 {
      if partner(of: first, in: credit) == second { return credit }
      credit = nextCredit(of: first, after: credit)
    }
    return 0
  }

  /// Makes or changes a relation.
  public mutating func setCredit(_ credit: GroupCredit) {
    let known = findCredit(credit.first, credit.second)
    if known == 0 {
      let slot = credits.insert(credit)
      credits[slot].nextOfFirst = groups[credit.first].firstCredit
      credits[slot].nextOfSecond = groups[credit.second].firstCredit
      groups[credit.first].firstCredit = slot
      groups[credit.second].firstCredit = slot
    } else {
      let isSwapped = credits[known].first != credit.first
      credits[known].rate = credit.rate
      credits[known].firstShare = isSwapped ? credit.secondShare : credit.firstShare
      credits[known].secondShare = isSwapped ? credit.firstShare : credit.secondShare
    }
    groups[credit.first].epoch += 1
    groups[credit.second].epoch += 1
    epoch += 1
    needsSweep = true
  }

  /// Σ of the shares that a group gives to its relations, the one with `other` left out.
  public func shares(of group: UInt32, without other: UInt32) -> Rate {
    var sum: Int64 = 0
    var credit = groups[group].firstCredit
    while credit != 0 {
      if partner(of: group, in: credit) != other {
        sum += (credits[credit].first == group ? credits[credit].firstShare : credits[credit].secondShare).rawValue
      }
      credit = nextCredit(of: group, after: credit)
    }
    return Rate(sum)
  }

  @inlinable func partner(of group: UInt32, in credit: UInt32) -> UInt32 {
    credits[credit].first == group ? credits[credit].second : credits[credit].first
  }

  @inlinable func nextCredit(of group: UInt32, after credit: UInt32) -> UInt32 {
    credits[credit].first == group ? credits[credit].nextOfFirst : credits[credit].nextOfSecond
  }

  // MARK: Holdings

  /// The account's holding in a group, or 0. O(groups of the account).
  @inlinable public func findHolding(account: UInt32, group: UInt32) -> UInt32 {
    var holding = accounts[account].firstHolding
    while holding != 0 && holdings[holding].group != group { holding = holdings[holding].next }
    return holding
  }

  /// Gives a derivative position its place in its risk group, which must exist.
  mutating func attachLeg(to position: UInt32) {
    let (account, instrument) = (positions[position].account, positions[position].instrument)
    let group = riskGroup(ofInstrument: instrument)
    precondition(group != 0, "portfolio mode needs a risk group")
    let holding = makeHolding(account: account, group: group)
    let expiry = makeExpiry(scanExpiry(of: instrument), of: holding)
    holdings[holding].legCount += 1
    expiries[expiry].legCount += 1
    positions[position].leg = legs.insert(PortfolioLeg(holding: holding, expiry: expiry))
  }

  private mutating func makeHolding(account: UInt32, group: UInt32) -> UInt32 {
    let known = findHolding(account: account, group: group)
    if known != 0 { return known }
    let slot = holdings.insert(Holding(group: group))
    if accounts[account].isWatched { countWatched(1, in: group) }
    let id = assets[groups[group].asset].id
    var previous: UInt32 = 0
    var next = accounts[account].firstHolding
    while next != 0 && assets[groups[holdings[next].group].asset].id < id {
      previous = next
      next = holdings[next].next
    }
    holdings[slot].next = next
    if previous == 0 { accounts[account].firstHolding = slot } else { holdings[previous].next = slot }
    return slot
  }

  private mutating func makeExpiry(_ expiry: Int64, of holding: UInt32) -> UInt32 {
    var slot = holdings[holding].firstExpiry
    while slot != 0 && expiries[slot].expiry != expiry { slot = expiries[slot].next }
    if slot != 0 { return slot }
    slot = expiries.insert(ExpiryDelta(expiry: expiry))
    expiries[slot].next = holdings[holding].firstExpiry
    holdings[holding].firstExpiry = slot
    return slot
  }

  /// Takes a position that counts nothing out of its risk group.
  mutating func detachLeg(from position: UInt32) {
    let (leg, account) = (positions[position].leg, positions[position].account)
    let (holding, expiry) = (legs[leg].holding, legs[leg].expiry)
    legs.remove(leg)
    positions[position].leg = 0
    expiries[expiry].legCount -= 1
    if expiries[expiry].legCount == 0 { removeExpiry(expiry, of: holding) }
    holdings[holding].legCount -= 1
    if holdings[holding].legCount == 0 { removeHolding(holding, of: account) }
  }

  private mutating func removeExpiry(_ slot: UInt32, of holding: UInt32) {
    var previous: UInt32 = 0
    var current = holdings[holding].firstExpiry
    while current != slot {
      previous = current
      current = expiries[current].next
    }
    let next = expiries[slot].next
    if previous == 0 { holdings[holding].firstExpiry = next } else { expiries[previous].next = next }
    expiries.remove(slot)
  }

  private mutating func removeHolding(_ slot: UInt32, of account: UInt32) {
    if accounts[account].isWatched { countWatched(-1, in: holdings[slot].group) }
    var previous: UInt32 = 0
    var current = accounts[account].firstHolding
    while current != slot {
      previous = current
      current = holdings[current].next
    }
    let next = holdings[slot].next
    if previous == 0 { accounts[account].firstHolding = next } else { holdings[previous].next = next }
    holdings.remove(slot)
  }

  // MARK: Mode

  /// The first derivative position of an account whose underlying has no risk group, as an instrument slot, or 0.
  public func instrumentWithoutGroup(of account: UInt32) -> UInt32 {
    var position = accounts[account].firstPosition
    while position != 0 {
      let instrument = positions[position].instrument
      if instruments[instrument].kind != .spot && riskGroup(ofInstrument: instrument) == 0 { return instrument }
      position = positions[position].next
    }
    return 0
  }

  /// Changes how an account's requirement is reckoned. The caller invalidates and touches the account.
  public mutating func setMode(of account: UInt32, to mode: AccountMode) {
    let old = accounts[account].mode
    accounts[account].mode = mode
    if (old == .portfolio) == (mode == .portfolio) { return }
    var position = accounts[account].firstPosition
    while position != 0 {
      if instruments[positions[position].instrument].kind != .spot {
        if mode == .portfolio { attachLeg(to: position) } else { detachLeg(from: position) }
      }
      position = positions[position].next
    }
    if mode != .portfolio { combineGroups(account) }
  }
}
