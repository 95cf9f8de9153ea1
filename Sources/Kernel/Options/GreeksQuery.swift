import Margin
import Values
import Wire

extension Kernel {
  /// Answers QueryGreeks: underlyings in order of definition, each with its positions by instrument id, its balance and
  /// its sum with the hedge; then the account. O(assets · positions).
  func answerGreeks(
    _ query: QueryGreeks, _ account: UInt32, _ key: KeyId, output: inout Output
  ) -> (rows: Int, more: Bool) {
    var total = PositionGreeks()
    var rows = 0
    for asset in 1..<UInt32(ledger.assets.count + 1) {
      var sum = PositionGreeks()
      let before = rows
      var position = ledger.accounts[account].firstPosition
      while position != 0 {
        let record = ledger.positions[position]
        let instrument = ledger.instruments[record.instrument]
        if instrument.baseAsset == asset && instrument.kind.isDerivative && record.quantity != .zero {
          if rows + 3 > Self.rowsPerAnswer { return (rows, true) }
          let greeks = ledger.greeks(of: position, at: time)
          let row = report(greeks, .position, query, asset, instrument.id, record.quantity)
          output.append(row, to: key)
          sum += greeks
          rows += 1
        }
        position = record.next
      }
      let balance = ledger.findBalance(account: account, asset: asset)
      if balance != 0 && ledger.balances[balance].amount != 0 {
        let greeks = ledger.greeks(ofBalance: balance)
        output.append(report(greeks, .balance, query, asset, .none, .zero), to: key)
        sum += greeks
        rows += 1
      }
      if rows == before { continue }
      let hedge = ledger.hedgeInstrument(for: asset)
      let lots = hedge == 0 ? .zero : ledger.hedge(sum.delta, with: hedge)
      let name = hedge == 0 ? InstrumentId.none : ledger.instruments[hedge].id
      output.append(report(sum, .underlying, query, asset, name, lots), to: key)
      total += sum
      rows += 1
    }
    // Units of different underlyings do not add up.
    total.delta = 0
    total.gamma = 0
    output.append(report(total, .account, query, 0, .none, .zero), to: key)
    return (rows + 1, false)
  }

  private func report(
    _ greeks: PositionGreeks, _ scope: GreeksScope, _ query: QueryGreeks, _ asset: UInt32,
    _ instrument: InstrumentId, _ lots: Quantity
  ) -> GreeksReport {
    GreeksReport(
      queryId: query.queryId, account: query.account, instrument: instrument,
      asset: asset == 0 ? .settlement : ledger.assets[asset].id, scope: scope, lots: lots, value: greeks.value,
      delta: Int64(clamping: greeks.delta), deltaValue: greeks.deltaValue, gamma: Int64(clamping: greeks.gamma),
      vega: greeks.vega, theta: greeks.theta, rho: greeks.rho)
  }
}
