import Margin
import Values
import Wire

// Index prices of the oracle keys and the guards they stand under: Protocol/rules.md §4.

extension Kernel {
  /// One source's word on an index that is made of several.
  mutating func hear(
    _ message: IndexPrice, asset: UInt32, _ command: Command, output: inout Output
  ) throws(Reject) {
    let range = -Limits.assetPrice...Limits.assetPrice
    try require(range.contains(message.price.rawValue), Reject(.invalidPrice, Limits.assetPrice))
    guard let place = oracles[asset].place(for: command.key, at: time) else {
      throw Reject(.venueFull, Int64(SourceMedian.capacity))
    }
    oracles[asset].set(
      OracleSource(
        key: command.key, time: time, price: message.price.rawValue, confidence: Int64(message.confidence),
        stablePrice: message.stablePrice?.rawValue ?? 0), at: place)
    if let moved = oracles[asset].move(at: time) {
      let asPresent =
        moved.price == ledger.assets[asset].price
        && moved.stable ?? Price(0) == ledger.assets[asset].stablePrice
      if !asPresent { ledger.setPrice(of: asset, to: moved.price, stable: moved.stable) }
      repriceOptions(on: asset)
    }
    assessOracle(asset, output: &output)
    computeMarks(of: asset, output: &output)
    acceptRequest(command, output: &output)
  }

  /// The marks that are made from an index, by order of definition.
  mutating func computeMarks(of asset: UInt32, output: inout Output) {
    var instrument = oracles[asset].firstMarked
    while instrument != 0 {
      computeMark(instrument, output: &output)
      instrument = marks[instrument].nextMarked
    }
  }

  /// Brings the guard of an asset's index up to date, tells of a change, and sets the time of the next one. Then the
  /// index counts for contingent orders, if the guard admits it.
  mutating func assessOracle(_ asset: UInt32, output: inout Output) {
    moveGuard(of: asset, output: &output)
    noteIndex(of: asset)
  }

  private mutating func moveGuard(of asset: UInt32, output: inout Output) {
    let (oracleGuard, cause) = oracles[asset].assess(at: time)
    oracles[asset].assessedAt = time
    timers.set(.oracle, asset, at: oracles[asset].nextChange(at: time))
    let before = ledger.assets[asset].oracleGuard
    guard oracleGuard != before || cause != oracles[asset].cause else { return }
    oracles[asset].cause = cause
    if oracleGuard.admitsLiquidation {
      oracles[asset].suspectSince = Timestamp(0)
    } else if before.admitsLiquidation {
      oracles[asset].suspectSince = time
    }
    ledger.setGuard(of: asset, to: oracleGuard)
    for instrument in 1..<UInt32(ledger.instruments.count + 1)
    where ledger.instruments[instrument].baseAsset == asset || ledger.instruments[instrument].quoteAsset == asset {
      if ledger.instruments[instrument].oracleGuard == .halt && !ledger.instruments[instrument].isExpired {
        change(instrument, to: .halted, output: &output)
      }
      publishGuard(of: asset, about: instrument, output: &output)
    }
  }

  private func publishGuard(of asset: UInt32, about instrument: UInt32, output: inout Output) {
    let mean = oracles[asset].average.mean(at: time)
    output.publish(
      OracleStateChanged(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id, asset: ledger.assets[asset].id,
        oracleGuard: ledger.assets[asset].oracleGuard, cause: oracles[asset].cause,
        index: oracles[asset].hasIndex ? Price(oracles[asset].index) : nil, average: mean.map { Price($0.roundedDown) },
        confidence: Price(oracles[asset].confidence), heardAt: oracles[asset].heardAt))
  }
}
