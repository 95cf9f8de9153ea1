import Margin
import Values
import Wire

extension Kernel {
  /// Answers QueryRelief: for every position the fewest lots that, closed at the mark, free the amount asked for.
  ///
  /// Each candidate is tried with the accounts' own code and put back. Free margin need not rise with every lot (open
  /// orders of the other side may come to bind), so the search looks for a number of lots that is enough while one less is
  /// not. O(positions × log lots).
  mutating func answerRelief(_ query: QueryRelief, _ account: UInt32, _ key: KeyId, output: inout Output) -> Int {
    let free = ledger.currentMargin(of: account).free
    let wanted = query.amount == .zero ? max(free, .zero) : free + query.amount
    var rows = 0
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let instrument = ledger.positions[position].instrument
      let held = ledger.positions[position].quantity
      if held != .zero, ledger.instruments[instrument].kind.isDerivative, !ledger.instruments[instrument].isExpired {
        let lots = fewestLots(of: position, toFree: wanted)
        let after = margin(closing: lots, of: position)
        output.append(
          ReliefReport(
            queryId: query.queryId, account: query.account, instrument: ledger.instruments[instrument].id,
            quantity: lots, price: ledger.instruments[instrument].mark, after: after,
            side: held > .zero ? .sell : .buy, isEnough: after.free >= wanted), to: key)
        rows += 1
      }
      position = ledger.positions[position].next
    }
    return rows
  }

  /// A number of lots whose close leaves at least `wanted` free while one less does not; all of them if that is not enough.
  private mutating func fewestLots(of position: UInt32, toFree wanted: Money) -> Quantity {
    var (low, high) = (Int64(1), ledger.positions[position].quantity.magnitude.rawValue)
    while low < high {
      let middle = (low + high) / 2
      if margin(closing: Quantity(middle), of: position).free >= wanted { high = middle } else { low = middle + 1 }
    }
    return Quantity(high)
  }

  /// The account's figures if `lots` of a position were closed at the mark.
  private mutating func margin(closing lots: Quantity, of position: UInt32) -> AccountMargin {
    let account = ledger.positions[position].account
    let instrument = ledger.positions[position].instrument
    let mark = ledger.instruments[instrument].mark
    let trial = ledger.beginTrial(on: position)
    let fee = ledger.instruments[instrument].takerFee.roundedUp(
      of: ledger.instruments[instrument].value(lots, at: mark))
    let side: Side = ledger.positions[position].quantity > .zero ? .sell : .buy
    ledger.execute(side, lots: lots, price: mark, fee: fee, in: position)
    let after = ledger.currentMargin(of: account)
    ledger.undo(trial, on: position)
    ledger.touch(account)
    return after
  }
}
