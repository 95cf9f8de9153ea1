import Margin
import Values
import Wire

// Answers about bands and the insurance fund. Reads never settle: nothing durable changes, bands are not made anew.

extension Kernel {
  /// Who may ask about the venue as a whole.
  func requireStaff(_ key: KeyId) throws(Reject) {
    let slot = keys.find(key)
    try require(slot != 0 && keys.records[slot].roles != [], Reject(.unknownKey))
    let staff: Roles = [.observer, .operator, .treasurer, .riskAdmin]
    try require(!keys.records[slot].roles.isDisjoint(with: staff), Reject(.notPermitted, Int64(staff.rawValue)))
  }

  mutating func answerInsurance(_ query: QueryInsurance, _ key: KeyId, output: inout Output) {
    let margin = desk.isOn ? ledger.currentMargin(of: desk.fund) : AccountMargin()
    let parameters = desk.parameters
    output.append(
      InsuranceReport(
        queryId: query.queryId, sequence: sequence, time: time, equity: margin.equity,
        cash: desk.isOn ? ledger.cash(of: desk.fund) : .zero,
        profit: desk.isOn ? ledger.accounts[desk.fund].terms.profit : .zero, contributed: desk.totals.contributed,
        penalties: desk.totals.penalties, lossShared: desk.totals.lossShared, takeovers: desk.totals.takeovers,
        deleveragings: desk.totals.deleveragings, firstCall: parameters.firstCall, secondCall: parameters.secondCall,
        hysteresis: parameters.hysteresis, target: parameters.target, takeover: parameters.takeover,
        fund: parameters.fund, interval: parameters.interval, staleTimeout: parameters.staleTimeout,
        inLiquidation: desk.inLiquidation, attempts: parameters.attempts), to: key)
  }

  /// The account's bands: a certificate that it does not pass its next edge while every coordinate stays inside.
  ///
  /// It promises nothing where the account is in liquidation, a trigger has been crossed or parameters have changed, and
  /// Ticks have not come to it yet.
  func answerBands(_ query: QueryBands, _ account: UInt32, _ key: KeyId, output: inout Output) -> Int {
    guard isWatched(account) else { return 0 }
    let holds =
      !isInLiquidation(account) && !ledger.needsSweep && desk.sweepLeft == 0
      && !ledger.uncheckedAccounts.contains(account) && !ledger.awaitsSettlement(account)
      && ledger.crossing(of: account) == .none
    var rows = 0
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero {
        for factor in BandFactor.allCases {
          guard let row = band(factor, of: position, query, holds) else { continue }
          output.append(row, to: key)
          rows += 1
        }
      }
      position = ledger.positions[position].next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      let bounds = ledger.band(ofBalance: balance)
      if bounds.lower != nil || bounds.upper != nil {
        let asset = ledger.balances[balance].asset
        output.append(
          BandReport(
            queryId: query.queryId, account: query.account, instrument: .none, coordinate: ledger.assets[asset].price,
            lower: bounds.lower.map { Price($0) }, upper: bounds.upper.map { Price($0) },
            asset: ledger.assets[asset].id, factor: .price, holds: holds, state: ledger.accounts[account].state,
            watched: ledger.accounts[account].isWatched),
          to: key)
        rows += 1
      }
      balance = ledger.balances[balance].next
    }
    return rows
  }

  /// The band of one coordinate of a position; `nil`: nothing of the position depends on it.
  private func band(_ factor: BandFactor, of position: UInt32, _ query: QueryBands, _ holds: Bool) -> BandReport? {
    let instrument = ledger.positions[position].instrument
    let account = ledger.positions[position].account
    let isOption = ledger.instruments[instrument].kind == .option
    let hasScenarios = isOption && ledger.accounts[account].mode == .portfolio
    let isLong = ledger.positions[position].quantity > .zero
    typealias Row = (falling: PositionTrigger?, rising: PositionTrigger?, ladder: InstrumentLadder, isShown: Bool)
    let row: Row
    switch factor {
    case .price: return nil
    case .mark: row = (.fallingMark, .risingMark, .fallingMark, !hasScenarios)
    case .rate: row = (nil, .risingRate, isLong ? .risingLongRate : .risingShortRate, !isOption)
    case .underlying: row = (.fallingUnderlying, .risingUnderlying, .fallingUnderlying, isOption)
    case .impliedVolatility: row = (.fallingVolatility, .risingVolatility, .fallingVolatility, hasScenarios)
    case .timeToExpiry: row = (.fallingTime, nil, .fallingTime, hasScenarios)
    case .samples: row = (.fallingSamples, nil, .fallingSamples, hasScenarios)
    case .scanRange: row = (.fallingRange, .risingRange, .risingLongRate, false)
    }
    let bounds = ledger.band(row.falling, row.rising, of: position)
    if !row.isShown && bounds.lower == nil && bounds.upper == nil { return nil }
    let measured = bounds.instrument == 0 ? instrument : bounds.instrument
    return BandReport(
      queryId: query.queryId, account: query.account, instrument: ledger.instruments[measured].id,
      coordinate: Price(ledger.coordinate(row.ladder, of: measured)), lower: bounds.lower.map { Price($0) },
      upper: bounds.upper.map { Price($0) }, asset: .settlement, factor: factor, holds: holds,
      state: ledger.accounts[account].state, watched: ledger.accounts[account].isWatched)
  }
}
