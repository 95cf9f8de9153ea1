import Margin
import Values
import Wire

// Answers about indexes and marks.

extension Kernel {
  /// The indexes of the assets that are asked for, each with its sources, then the marks.
  func answerMarks(_ query: QueryMarks, _ key: KeyId, output: inout Output) throws(Reject) -> (rows: Int, more: Bool) {
    let only = ledger.find(query.instrument)
    try require(query.instrument == .none || only != 0, Reject(.unknownInstrument))
    var rows = 0
    for asset in 1..<UInt32(ledger.assets.count + 1)
    where only == 0 || ledger.instruments[only].baseAsset == asset || ledger.instruments[only].quoteAsset == asset {
      if rows + 1 + oracles[asset].sourceCount > Self.rowsPerAnswer { return (rows, true) }
      output.append(indexReport(of: asset, queryId: query.queryId), to: key)
      for number in 0..<oracles[asset].sourceCount {
        output.append(sourceReport(number, of: asset, queryId: query.queryId), to: key)
      }
      rows += 1 + oracles[asset].sourceCount
    }
    for instrument in 1..<UInt32(ledger.instruments.count + 1)
    where (only == 0 || only == instrument) && ledger.instruments[instrument].kind != .spot {
      if rows == Self.rowsPerAnswer { return (rows, true) }
      output.append(markReport(of: instrument, queryId: query.queryId), to: key)
      rows += 1
    }
    return (rows, false)
  }

  private func indexReport(of asset: UInt32, queryId: UInt64) -> IndexReport {
    let record = oracles[asset]
    let known = record.isSet ? record.hasIndex : ledger.assets[asset].hasPrice
    let index = record.isSet ? Price(record.index) : ledger.assets[asset].price
    let stable = ledger.assets[asset].stablePrice
    return IndexReport(
      queryId: queryId, time: time, index: known ? index : nil,
      average: record.average.mean(at: time).map { Price($0.roundedDown) },
      stablePrice: stable > Price(0) ? stable : nil, confidence: Price(record.confidence), heardAt: record.heardAt,
      deviation: record.limits.deviation, confidenceLimit: record.limits.confidence,
      riskAge: UInt32(record.limits.riskAge / 1_000_000),
      liquidationAge: UInt32(record.limits.liquidationAge / 1_000_000),
      asset: ledger.assets[asset].id, quorum: UInt8(record.limits.quorum), sources: UInt8(record.sourceCount),
      oracleGuard: ledger.assets[asset].oracleGuard, cause: record.cause)
  }

  private func sourceReport(_ number: Int, of asset: UInt32, queryId: UInt64) -> SourceReport {
    let source = oracles[asset].source(number)
    return SourceReport(
      queryId: queryId, time: source.time, price: Price(source.price),
      stablePrice: source.stablePrice > 0 ? Price(source.stablePrice) : nil, key: source.key,
      confidence: UInt32(source.confidence), asset: ledger.assets[asset].id,
      fresh: oracles[asset].isFresh(number, at: time))
  }

  private func markReport(of instrument: UInt32, queryId: UInt64) -> MarkReport {
    let parameters = marks[instrument].parameters
    let formula = marks[instrument].isSet ? markFormula(of: instrument) : nil
    let (mark, last) = (ledger.instruments[instrument].mark, ledger.instruments[instrument].lastTrade)
    return MarkReport(
      queryId: queryId, time: marks[instrument].publishedAt, mark: mark > Price(0) ? mark : nil,
      index: formula.map { Price($0.index) }, fair: formula.map { Price($0.fair) },
      mid: (formula?.mid).map { Price($0) }, last: last > Price(0) ? last : nil, width: Price(formula?.width ?? 0),
      minimumMove: Price(parameters.minimumMove), band: parameters.band, basisWeight: parameters.basisWeight,
      interval: UInt32(parameters.interval / 1_000_000),
      minimumInterval: UInt32(parameters.minimumInterval / 1_000_000), instrument: ledger.instruments[instrument].id,
      oracleGuard: ledger.instruments[instrument].oracleGuard)
  }
}
