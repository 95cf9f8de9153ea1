import Margin
import Values

// The durable state of indexes and marks: Protocol/files.md.

extension Kernel {
  /// For each asset its quorum; where there is one, what it keeps to and what its sources said.
  borrowing func writeOracles(to sink: inout StateChunk) {
    for asset in 1..<UInt32(ledger.assets.count + 1) {
      sink.put(UInt8(oracles[asset].limits.quorum))
      guard oracles[asset].isSet else { continue }
      for number in [
        oracles[asset].limits.riskAge, oracles[asset].limits.liquidationAge, oracles[asset].limits.deviation.rawValue,
        oracles[asset].limits.confidence.rawValue, oracles[asset].index, oracles[asset].confidence,
        oracles[asset].heardAt.rawValue, oracles[asset].suspectSince.rawValue,
        oracles[asset].assessedAt.rawValue,
      ] { sink.put(number) }
      sink.put(oracles[asset].hasIndex)
      sink.put(ledger.assets[asset].oracleGuard.rawValue)
      sink.put(oracles[asset].cause.rawValue)
      sink.put(UInt8(oracles[asset].sourceCount))
      for number in 0..<oracles[asset].sourceCount {
        let source = oracles[asset].source(number)
        sink.put(source.key.rawValue)
        for field in [source.time.rawValue, source.price, source.confidence, source.stablePrice] { sink.put(field) }
      }
      write(oracles[asset].average, to: &sink)
    }
  }

  private borrowing func write(_ average: IndexAverage, to sink: inout StateChunk) {
    sink.put(average.now.time.rawValue)
    sink.put(average.now.area)
    sink.put(average.price)
    sink.put(UInt8(average.count))
    for number in 0..<average.count {
      let checkpoint = average.checkpoint(number)
      sink.put(checkpoint.time.rawValue)
      sink.put(checkpoint.area)
    }
  }

  /// For each instrument its last trade and the interval of its samples; where there is one, how its mark is made.
  borrowing func writeMarks(to sink: inout StateChunk) {
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      let record = marks[instrument]
      sink.put(ledger.instruments[instrument].lastTrade.rawValue)
      sink.put(record.parameters.interval)
      guard record.isSet else { continue }
      for number in [
        record.parameters.minimumInterval, record.parameters.minimumMove, record.parameters.band.rawValue,
        record.parameters.basisWeight.rawValue, record.publishedAt.rawValue, record.sampleDue.rawValue,
        record.publicationDue.rawValue,
      ] { sink.put(number) }
      sink.put(record.basis.billionths)
    }
  }

  mutating func readOracles(from reader: inout StateReader) throws(StateError) {
    for asset in 1..<UInt32(ledger.assets.count + 1) {
      let quorum = Int(try reader.get(UInt8.self))
      guard quorum > 0 else { continue }
      var record = OracleRecord.none
      record.limits = OracleLimits(
        riskAge: try reader.get(), liquidationAge: try reader.get(), deviation: try reader.rate(),
        confidence: try reader.rate(), quorum: quorum)
      record.index = try reader.get()
      record.confidence = try reader.get()
      record.heardAt = Timestamp(try reader.get())
      record.suspectSince = Timestamp(try reader.get())
      record.assessedAt = Timestamp(try reader.get())
      record.hasIndex = try reader.flag("index of an asset")
      let oracleGuard = try reader.code("guard of an asset", OracleGuard.self)
      record.cause = try reader.code("cause of a guard", OracleCause.self)
      for place in 0..<Int(try reader.get(UInt8.self)) {
        let source = OracleSource(
          key: KeyId(try reader.get()), time: Timestamp(try reader.get()), price: try reader.get(),
          confidence: try reader.get(), stablePrice: try reader.get())
        guard place < SourceMedian.capacity, isSound(source), record.place(for: source.key, at: time) == place else {
          throw .invalid("source of asset \(ledger.assets[asset].id.rawValue)")
        }
        record.set(source, at: place)
      }
      record.average = try readAverage(from: &reader)
      guard isSound(record, oracleGuard, asset) else {
        throw .invalid("index of asset \(ledger.assets[asset].id.rawValue)")
      }
      oracles[asset] = record
      ledger.setGuard(of: asset, to: oracleGuard)
      timers.set(.oracle, asset, at: record.nextChange(at: record.assessedAt))
    }
  }

  private func isSound(_ source: OracleSource) -> Bool {
    isPast(source.time) && (-Limits.assetPrice...Limits.assetPrice).contains(source.price)
      && (0...Int64(UInt32.max)).contains(source.confidence) && (0...Limits.assetPrice).contains(source.stablePrice)
  }

  private func isPast(_ moment: Timestamp) -> Bool { moment >= Timestamp(0) && moment <= time }

  private func isSound(_ record: OracleRecord, _ oracleGuard: OracleGuard, _ asset: UInt32) -> Bool {
    let ages = 1_000_000...Int64(Limits.oracleAge) * 1_000_000
    return record.limits.quorum <= SourceMedian.capacity && ages.contains(record.limits.riskAge)
      && ages.contains(record.limits.liquidationAge) && record.limits.riskAge <= record.limits.liquidationAge
      && (Rate(1)...Rate.maximum).contains(record.limits.deviation)
      && (Rate.zero...Rate.maximum).contains(record.limits.confidence)
      && (-Limits.assetPrice...Limits.assetPrice).contains(record.index)
      && (0...Int64(UInt32.max)).contains(record.confidence) && isPast(record.heardAt) && isPast(record.suspectSince)
      && isPast(record.assessedAt) && record.assessedAt >= record.heardAt
      && (record.hasIndex || record.index == 0) && (record.hasIndex || !ledger.assets[asset].hasPrice)
      && (oracleGuard == .normal) == (record.cause == .none)
      && oracleGuard.admitsLiquidation == (record.suspectSince == Timestamp(0)) && isPast(record.average.now.time)
      && record.average.price == ledger.assets[asset].price.rawValue
      && (!record.hasIndex || record.index <= 0 || record.index == ledger.assets[asset].price.rawValue)
  }

  private func readAverage(from reader: inout StateReader) throws(StateError) -> IndexAverage {
    let now = IndexAverage.Checkpoint(time: Timestamp(try reader.get()), area: try reader.get())
    let price = try reader.get(Int64.self)
    var checkpoints: [IndexAverage.Checkpoint] = []
    for _ in 0..<Int(try reader.get(UInt8.self)) {
      checkpoints.append(IndexAverage.Checkpoint(time: Timestamp(try reader.get()), area: try reader.get()))
    }
    guard let average = IndexAverage(now: now, price: price, checkpoints: checkpoints) else {
      throw .invalid("average of an index")
    }
    return average
  }

  mutating func readMarks(from reader: inout StateReader) throws(StateError) {
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      let id = ledger.instruments[instrument].id.rawValue
      let last = try reader.price()
      guard (Price(0)...ledger.instruments[instrument].maximumPrice).contains(last) else {
        throw .invalid("last trade of instrument \(id)")
      }
      ledger.instruments[instrument].lastTrade = last
      let interval = try reader.get(Int64.self)
      if interval == 0 { continue }
      var record = MarkRecord.none
      record.parameters = MarkParameters(
        interval: interval, minimumInterval: try reader.get(), minimumMove: try reader.get(), band: try reader.rate(),
        basisWeight: try reader.rate())
      record.publishedAt = Timestamp(try reader.get())
      record.sampleDue = Timestamp(try reader.get())
      record.publicationDue = Timestamp(try reader.get())
      record.basis = BasisAverage(billionths: try reader.get())
      guard isSound(record), ledger.instruments[instrument].kind.isLinear,
        oracles[ledger.instruments[instrument].baseAsset].isSet, let conversion = indexConversion(of: instrument)
      else { throw .invalid("mark of instrument \(id)") }
      marks[instrument] = record
      link(instrument, conversion)
      armMark(instrument)
    }
  }

  private func isSound(_ record: MarkRecord) -> Bool {
    let parameters = record.parameters
    let longest = Int64(Limits.longestInterval) * 1_000_000
    return (Int64(Limits.shortestInterval) * 1_000_000...longest).contains(parameters.interval)
      && (0...longest).contains(parameters.minimumInterval) && (1...Limits.price).contains(parameters.minimumMove)
      && (Rate.zero...Rate.one).contains(parameters.band) && (Rate.zero...Rate.one).contains(parameters.basisWeight)
      && isPast(record.publishedAt) && record.sampleDue >= Timestamp(0) && record.publicationDue >= Timestamp(0)
      && record.basis.billionths.magnitude <= UInt128(2 * Limits.price) * 1_000_000_000
  }
}
