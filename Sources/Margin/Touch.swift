import Values

extension Ledger {
  /// Brings an account's cached terms up to date with marks, prices, parameters and the master's other accounts.
  ///
  /// Writes caches only, never durable state, so that looking at an account changes nothing. O(1) when nothing moved,
  /// else O(positions + balances of the account).
  @inlinable public mutating func touch(_ account: UInt32) {
    let masterEpoch = masters[accounts[account].master].epoch
    if accounts[account].seenEpoch != epoch || accounts[account].seenMasterEpoch != masterEpoch {
      refreshStale(account)
    }
    if accounts[account].spotStale { refreshSpotReserve(account) }
  }

  @usableFromInline mutating func refreshStale(_ account: UInt32) {
    accounts[account].seenEpoch = epoch
    accounts[account].seenMasterEpoch = masters[accounts[account].master].epoch
    var position = accounts[account].firstPosition
    while position != 0 {
      if positions[position].epoch != instruments[positions[position].instrument].epoch
        || positions[position].exposureEpoch != exposures[positions[position].exposure].epoch
      {
        refreshTerms(of: position)
        let leg = positions[position].leg
        if leg != 0 { holdings[legs[leg].holding].groupEpoch = 0 }
      }
      position = positions[position].next
    }
    if accounts[account].firstHolding != 0 { refreshHoldings(of: account) }
    accounts[account].interestDue = pendingInterest(ofAccount: account)
    var balance = accounts[account].firstBalance
    while balance != 0 {
      if balances[balance].epoch != assets[balances[balance].asset].epoch {
        refreshValue(balance)
        accounts[account].spotStale = true
      }
      balance = balances[balance].next
    }
  }

  /// Replaces what a position adds to its account's sums, and in portfolio mode to its risk group.
  @inlinable mutating func refresh(_ position: UInt32) {
    let isKnown = positions[position].epoch == instruments[positions[position].instrument].epoch
    refreshTerms(of: position)
    if positions[position].leg != 0 { refreshLeg(of: position, isKnown: isKnown) }
  }

  /// Replaces what a position adds to its account's sums by itself.
  @inlinable mutating func refreshTerms(of position: UInt32) {
    let account = positions[position].account
    publishExposure(position)
    let fresh = terms(of: position)
    accounts[account].terms -= positions[position].terms
    accounts[account].terms += fresh
    positions[position].terms = fresh
    positions[position].epoch = instruments[positions[position].instrument].epoch
    positions[position].exposureEpoch = exposures[positions[position].exposure].epoch
  }

  /// As ``refresh(_:)`` after a change of open orders only: profit and maintenance margin are as they were.
  @inlinable mutating func refreshOrders(_ position: UInt32) {
    let instrument = positions[position].instrument
    guard instruments[instrument].kind.isDerivative, !instruments[instrument].isExpired,
      positions[position].epoch == instruments[instrument].epoch
    else {
      refresh(position)
      return
    }
    let account = positions[position].account
    publishExposure(position)
    let initial = initialTerm(of: position, isKnown: true)
    let gross = gross(of: position, worst: instruments[instrument].grossPrice)
    accounts[account].terms.initialMargin += initial - positions[position].terms.initialMargin
    accounts[account].terms.gross += gross - positions[position].terms.gross
    positions[position].terms.initialMargin = initial
    positions[position].terms.gross = gross
    positions[position].exposureEpoch = exposures[positions[position].exposure].epoch
    if positions[position].leg != 0 { refreshLeg(of: position, isKnown: true) }
  }

  /// Brings this account's part of the master's exposure up to date; the master's other accounts become stale.
  @inlinable mutating func publishExposure(_ position: UInt32) {
    let long = max(0, positions[position].worstLong)
    let short = max(0, -positions[position].worstShort)
    if long == positions[position].exposedLong && short == positions[position].exposedShort { return }
    let exposure = positions[position].exposure
    exposures[exposure].long += long - positions[position].exposedLong
    exposures[exposure].short += short - positions[position].exposedShort
    exposures[exposure].epoch += 1
    positions[position].exposedLong = long
    positions[position].exposedShort = short
    let master = accounts[positions[position].account].master
    if masters[master].accountCount > 1 { masters[master].epoch += 1 }
  }

  /// Replaces what a balance adds to its account's collateral.
  @inlinable mutating func refreshValue(_ balance: UInt32) {
    let account = balances[balance].account
    let asset = balances[balance].asset
    accounts[account].collateralMaintenance -= balances[balance].valueMaintenance
    accounts[account].collateralInitial -= balances[balance].valueInitial
    if accounts[account].mode == .fullyCollateralised {
      balances[balance].valueMaintenance = .zero
      balances[balance].valueInitial = .zero
    } else {
      let amount = amount(of: balance)
      balances[balance].valueMaintenance = value(of: amount, asset: asset, initial: false)
      balances[balance].valueInitial = value(of: amount, asset: asset, initial: true)
    }
    accounts[account].collateralMaintenance += balances[balance].valueMaintenance
    accounts[account].collateralInitial += balances[balance].valueInitial
    balances[balance].epoch = assets[asset].epoch
  }

  /// Makes every cached term of an account stale (its mode, multiplier or leverage cap changed).
  public mutating func invalidate(_ account: UInt32) {
    var position = accounts[account].firstPosition
    while position != 0 {
      positions[position].epoch = 0
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      balances[balance].epoch = 0
      balance = balances[balance].next
    }
    accounts[account].seenEpoch = 0
    accounts[account].spotStale = true
  }

  /// The four figures of an account that has been touched. O(1).
  @inlinable public func margin(of account: UInt32) -> AccountMargin {
    let multiplier = accounts[account].multiplier
    let initial = accounts[account].terms.initialMargin + accounts[account].spotReserve
    let maintenance = accounts[account].terms.maintenanceMargin
    let money = settledCash(of: account)
    return AccountMargin(
      equity: money + accounts[account].collateralMaintenance + accounts[account].terms.profit,
      initialEquity: money + accounts[account].collateralInitial + accounts[account].terms.profitInitial,
      initialMargin: multiplier == .one ? initial : multiplier.roundedUp(of: initial),
      maintenanceMargin: multiplier == .one ? maintenance : multiplier.roundedUp(of: maintenance))
  }

  /// The settlement balance of a touched account as if everything that is due on it had been paid. O(1).
  @inlinable @inline(__always) public func settledCash(of account: UInt32) -> Money {
    accounts[account].cash + accounts[account].interestDue + accounts[account].terms.fundingDue
  }

  /// Touches an account and returns its figures.
  @inlinable public mutating func currentMargin(of account: UInt32) -> AccountMargin {
    touch(account)
    return margin(of: account)
  }
}
