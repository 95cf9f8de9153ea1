import Margin
import Values
import Wire

extension Kernel {
  /// Trades tried for one instrument, at most: what bounds a query of hedges.
  private static var mostTrials: Int { 96 }

  /// Answers QueryHedge: for each underlying of the account, the trade in one linear instrument at its mark that lowers
  /// its initial margin most.
  ///
  /// Every perpetual and future on the underlying that can be traded is tried, with up to twice the lots that bring the
  /// delta to zero, and at least all that the account holds of it. The requirement is convex in the lots but for credits
  /// between risk groups, so a search by thirds finds the least one; where the ends are lower they are taken.
  mutating func answerHedge(_ query: QueryHedge, _ account: UInt32, _ key: KeyId, output: inout Output) -> Int {
    var rows = 0
    for asset in 1..<UInt32(ledger.assets.count + 1) where holdsDerivatives(account, on: asset) {
      let best = bestHedge(of: account, on: asset)
      output.append(
        HedgeReport(
          queryId: query.queryId, account: query.account,
          instrument: best.instrument == 0 ? .none : ledger.instruments[best.instrument].id,
          quantity: best.lots.magnitude,
          price: best.instrument == 0 ? Price(0) : ledger.instruments[best.instrument].mark,
          delta: Int64(clamping: delta(of: account, on: asset)), before: ledger.currentMargin(of: account),
          after: best.after,
          asset: ledger.assets[asset].id, side: best.lots < .zero ? .sell : .buy), to: key)
      rows += 1
    }
    return rows
  }

  private struct HedgeTrade {
    var instrument: UInt32 = 0
    var lots = Quantity.zero
    var after = AccountMargin()
  }

  private func holdsDerivatives(_ account: UInt32, on asset: UInt32) -> Bool {
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let instrument = ledger.positions[position].instrument
      if ledger.positions[position].quantity != .zero && ledger.instruments[instrument].kind.isDerivative
        && ledger.instruments[instrument].baseAsset == asset
      {
        return true
      }
      position = ledger.positions[position].next
    }
    return false
  }

  /// Delta of all derivatives on an underlying, in 10^-9 units of it.
  private func delta(of account: UInt32, on asset: UInt32) -> Int128 {
    var delta: Int128 = 0
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let instrument = ledger.positions[position].instrument
      if ledger.instruments[instrument].kind.isDerivative && ledger.instruments[instrument].baseAsset == asset {
        delta += ledger.greeks(of: position, at: time).delta
      }
      position = ledger.positions[position].next
    }
    return delta
  }

  private mutating func bestHedge(of account: UInt32, on asset: UInt32) -> HedgeTrade {
    var best = HedgeTrade(after: ledger.currentMargin(of: account))
    let delta = delta(of: account, on: asset)
    for instrument in 1..<UInt32(ledger.instruments.count + 1)
    where ledger.instruments[instrument].baseAsset == asset && isHedge(instrument, for: account) {
      // Of an instrument that the account does not hold, a record is made for the question and taken away again.
      let claim = ledger.claimPosition(account: account, instrument: instrument)
      let held = ledger.positions[claim.slot].quantity
      let flat = ledger.hedge(delta, with: instrument)
      let limit = Int128(Limits.quantity)
      let reach = Int64(min(limit, max(2 * Int128(flat.magnitude.rawValue), Int128(held.magnitude.rawValue))))
      for sign in [Int64(1), -1] { search(claim.slot, sign: sign, reach: reach, &best) }
      ledger.release(claim)
      ledger.touch(account)
    }
    return best
  }

  /// Whether the account could trade the instrument just now to hedge with.
  private func isHedge(_ instrument: UInt32, for account: UInt32) -> Bool {
    let record = ledger.instruments[instrument]
    let isolated = ledger.accounts[account].isolatedInstrument
    return record.kind.isLinear && record.hasMark && record.hasParameters && record.phase == .continuous
      && (!ledger.accounts[account].isIsolated || isolated == record.id)
      && ledger.roomForPosition(account: account, instrument: instrument) == nil
  }

  /// Looks for the trade of 0…`reach` lots in one direction with the lowest initial margin.
  private mutating func search(_ position: UInt32, sign: Int64, reach: Int64, _ best: inout HedgeTrade) {
    var (low, high) = (Int64(0), reach)
    var trials = 0
    func isAllowed(_ lots: Int64) -> Bool { lots > 0 && trials < Self.mostTrials }
    while high - low > 2 && trials + 2 <= Self.mostTrials - 4 {
      let third = (high - low) / 3
      let (left, right) = (low + third, high - third)
      trials += 2
      if requirement(position, sign * left, &best) <= requirement(position, sign * right, &best) {
        high = right
      } else {
        low = left
      }
    }
    for lots in [low, low + 1, high, reach] where isAllowed(lots) && lots <= reach {
      trials += 1
      _ = requirement(position, sign * lots, &best)
    }
  }

  /// Initial margin after a trade at the mark with the taker's fee; remembers it if it is the lowest so far, with fewer
  /// lots where it is the same.
  private mutating func requirement(_ position: UInt32, _ lots: Int64, _ best: inout HedgeTrade) -> Money {
    let account = ledger.positions[position].account
    let instrument = ledger.positions[position].instrument
    if lots == 0 { return ledger.currentMargin(of: account).initialMargin }
    let mark = ledger.instruments[instrument].mark
    let quantity = Quantity(lots)
    let fee = ledger.takerFee(of: account, in: instrument).roundedUp(
      of: ledger.instruments[instrument].value(quantity.magnitude, at: mark))
    let trial = ledger.beginTrial(on: position)
    ledger.execute(
      lots > 0 ? .buy : .sell, lots: quantity.magnitude, price: mark, fee: fee, in: position)
    let after = ledger.currentMargin(of: account)
    ledger.undo(trial, on: position)
    ledger.touch(account)
    let isLower =
      after.initialMargin < best.after.initialMargin
      || (after.initialMargin == best.after.initialMargin && best.lots != .zero
        && quantity.magnitude < best.lots.magnitude)
    if isLower { best = HedgeTrade(instrument: instrument, lots: quantity, after: after) }
    return after.initialMargin
  }
}
