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
      && !ledger.uncheckedAccounts.contains(account)
      && ledger.crossing(of: account) == .none
    var rows = 0
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero {
        let isOption = ledger.instruments[ledger.positions[position].instrument].kind == .option
        for factor in [BandFactor.mark, isOption ? .underlying : .rate] {
          output.append(band(factor, of: position, query, holds), to: key)
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
            asset: ledger.assets[asset].id, factor: .price, holds: holds, state: ledger.accounts[account].state),
          to: key)
        rows += 1
      }
      balance = ledger.balances[balance].next
    }
    return rows
  }

  private func band(_ factor: BandFactor, of position: UInt32, _ query: QueryBands, _ holds: Bool) -> BandReport {
    let instrument = ledger.positions[position].instrument
    let isLong = ledger.positions[position].quantity > .zero
    let bounds = factor == .mark ? ledger.markBand(of: position) : (nil, ledger.rateBand(of: position))
    let coordinate =
      factor == .mark
      ? ledger.instruments[instrument].mark : Price(ledger.rateCoordinate(of: instrument, long: isLong))
    return BandReport(
      queryId: query.queryId, account: query.account, instrument: ledger.instruments[instrument].id,
      coordinate: coordinate, lower: bounds.0.map { Price($0) }, upper: bounds.1.map { Price($0) },
      asset: .settlement, factor: factor, holds: holds,
      state: ledger.accounts[ledger.positions[position].account].state)
  }
}
