import Margin
import Values
import Wire

// Value at risk by historical simulation: what the account's equity would lose if the market moved as it did in each of
// the samples of the price history. Sources/Margin/README.md.

extension Kernel {
  /// Losses of a hundred samples of which one counts as the tail: 99 %.
  private static var samplesPerTail: Int { 100 }

  /// Answers QueryValueAtRisk: the figures, then a row for each position and balance that moves, whose parts add up.
  ///
  /// Every sample is a shock as QueryStress applies it (marks, index prices, options priced anew), and the loss of a sample
  /// is what the maintenance equity loses in that stress test. Nothing changes. O(samples · (positions + balances)).
  mutating func answerValueAtRisk(
    _ query: QueryValueAtRisk, _ account: UInt32, _ key: KeyId, output: inout Output
  ) -> Int {
    var losses: [(age: Int, loss: Money)] = []
    for age in 0..<history.count { losses.append((age, loss(of: account, age: age))) }
    // Equal losses: the newer first.
    losses.sort { $0.loss != $1.loss ? $0.loss > $1.loss : $0.age < $1.age }
    let tail = (losses.count + Self.samplesPerTail - 1) / Self.samplesPerTail
    let tailLoss = losses.prefix(tail).reduce(Money.zero) { $0 + $1.loss }
    output.append(
      ValueAtRiskReport(
        queryId: query.queryId, account: query.account, interval: history.interval, samples: UInt32(losses.count),
        tail: UInt32(tail), valueAtRisk: tail == 0 ? .zero : losses[tail - 1].loss,
        expectedShortfall: tail == 0 ? .zero : Money(tailLoss.rawValue.dividedRoundingUp(by: Int128(tail))),
        tailLoss: tailLoss, worst: losses.first?.loss ?? .zero, worstAge: UInt32(losses.first?.age ?? 0),
        margin: ledger.currentMargin(of: account)), to: key)
    return 1 + answerTerms(query, account, losses.prefix(tail).map(\.age), key, output: &output)
  }

  /// What each position and balance loses in the samples of the tail, all together.
  private mutating func answerTerms(
    _ query: QueryValueAtRisk, _ account: UInt32, _ ages: [Int], _ key: KeyId, output: inout Output
  ) -> Int {
    var rows = 0
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let record = ledger.instruments[ledger.positions[position].instrument]
      let loss = ages.reduce(Money.zero) { $0 + self.loss(ofPosition: position, age: $1) }
      if ledger.positions[position].quantity != .zero && record.kind.isDerivative {
        output.append(
          ValueAtRiskTerm(
            queryId: query.queryId, account: query.account, instrument: record.id, tailLoss: loss, asset: record.base),
          to: key)
        rows += 1
      }
      position = ledger.positions[position].next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      let loss = ages.reduce(Money.zero) { $0 + self.loss(ofBalance: balance, age: $1) }
      if ledger.amount(of: balance) != 0 {
        output.append(
          ValueAtRiskTerm(
            queryId: query.queryId, account: query.account, instrument: .none, tailLoss: loss,
            asset: ledger.assets[ledger.balances[balance].asset].id), to: key)
        rows += 1
      }
      balance = ledger.balances[balance].next
    }
    return rows
  }

  private mutating func loss(of account: UInt32, age: Int) -> Money {
    var loss = Money.zero
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      loss += self.loss(ofPosition: position, age: age)
      position = ledger.positions[position].next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      loss += self.loss(ofBalance: balance, age: age)
      balance = ledger.balances[balance].next
    }
    return loss
  }

  private func loss(ofPosition position: UInt32, age: Int) -> Money {
    let instrument = ledger.positions[position].instrument
    let record = ledger.instruments[instrument]
    let lots = ledger.positions[position].quantity
    guard lots != .zero, record.kind.isDerivative, !record.isExpired else { return .zero }
    let change = history.change(of: record.baseAsset, age: age)
    var mark = shocked(record.mark, change, upTo: record.maximumPrice.rawValue)
    if record.kind == .option {
      let forward = shocked(record.option.underlying, change, upTo: Limits.price)
      mark = ledger.modelMark(of: instrument, forward: forward) ?? mark
    }
    return record.value(lots, at: record.mark) - record.value(lots, at: mark)
  }

  private mutating func loss(ofBalance balance: UInt32, age: Int) -> Money {
    let asset = ledger.balances[balance].asset
    let amount = ledger.amount(of: balance)
    let price = ledger.assets[asset].price
    let before = ledger.value(of: amount, asset: asset, initial: false)
    ledger.assets[asset].price = shocked(price, history.change(of: asset, age: age), upTo: Limits.assetPrice)
    let after = ledger.value(of: amount, asset: asset, initial: false)
    ledger.assets[asset].price = price
    return before - after
  }
}
