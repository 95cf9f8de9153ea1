import Margin
import Values

// Indexes, marks and guards reckoned once more, plainly, from the durable records.

extension Kernel {
  /// What of indexes, guards and marks does not agree with their sources; `nil`: all does. O(assets + instruments).
  borrowing func markFault() -> String? {
    var guarded = 0
    for asset in 1..<UInt32(ledger.assets.count + 1) {
      let id = ledger.assets[asset].id.rawValue
      if ledger.assets[asset].oracleGuard != .normal { guarded += 1 }
      if let fault = indexFault(of: asset) { return "index of asset \(id): \(fault)" }
    }
    if guarded != ledger.guardedAssets {
      return "guarded assets: \(ledger.guardedAssets) counted, there are \(guarded)"
    }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      let id = ledger.instruments[instrument].id.rawValue
      if let fault = markFault(of: instrument) { return "mark of instrument \(id): \(fault)" }
    }
    return nil
  }

  private func indexFault(of asset: UInt32) -> String? {
    let record = oracles[asset]
    let oracleGuard = ledger.assets[asset].oracleGuard
    if !record.isSet { return oracleGuard == .normal ? nil : "guarded without parameters" }
    if record.hasIndex && record.index > 0 && record.index != ledger.assets[asset].price.rawValue {
      return "\(record.index), the asset's price is \(ledger.assets[asset].price.rawValue)"
    }
    // Recomputable where its newest source has just moved it.
    var prices: [Int64] = []
    var newest: Int64 = 0
    for number in 0..<record.sourceCount { newest = max(newest, record.source(number).time.rawValue) }
    for number in 0..<record.sourceCount
    where newest - record.source(number).time.rawValue <= record.limits.riskAge {
      prices.append(record.source(number).price)
    }
    if newest == time.rawValue && prices.count >= record.limits.quorum {
      prices.sort()
      let middle = prices.count / 2
      var median = prices[middle]
      if prices.count % 2 == 0 {
        let sum = prices[middle - 1] + prices[middle]
        median = sum >= 0 ? sum / 2 : -((1 - sum) / 2)
      }
      if median != record.index { return "\(record.index), the median of its sources is \(median)" }
    }
    return guardFault(record, oracleGuard)
  }

  /// Ages are looked at by timers, so a guard may be milder than its age until the Tick that is due has come.
  private func guardFault(_ record: OracleRecord, _ oracleGuard: OracleGuard) -> String? {
    if (record.cause == .none) != (oracleGuard == .normal) { return "guard and cause differ" }
    let age = time.rawValue - record.heardAt.rawValue
    if record.cause == .age && age <= record.limits.riskAge { return "guarded for an age of \(age) ns" }
    if record.hasIndex && timers.nextDue > time && age > record.limits.riskAge && oracleGuard == .normal {
      return "not guarded at an age of \(age) ns"
    }
    if record.hasIndex && record.index <= 0 && oracleGuard != .halt { return "not halted" }
    return nil
  }

  private func markFault(of instrument: UInt32) -> String? {
    let record = ledger.instruments[instrument]
    let isComputed = marks[instrument].parameters.interval > 0
    if isComputed != record.followsIndex { return "computed, but not listed with its index" }
    var expected = OracleGuard.normal
    if record.kind == .spot {
      for asset in [record.baseAsset, record.quoteAsset] where asset != 0 {
        if ledger.assets[asset].oracleGuard.rawValue > expected.rawValue { expected = ledger.assets[asset].oracleGuard }
      }
    } else if isComputed || record.kind == .option {
      expected = ledger.assets[record.baseAsset].oracleGuard
    }
    if record.oracleGuard != expected { return "its guard is \(record.oracleGuard), not \(expected)" }
    guard isComputed, marks[instrument].publishedAt == time, oracles[record.baseAsset].index > 0 else { return nil }
    // Published by this command: inside the band around the index in price units, reckoned as one product.
    guard let (numerator, denominator) = exactIndex(of: instrument) else { return nil }
    let index = (2 * numerator + denominator) / (2 * denominator)
    let width = index * Int128(marks[instrument].parameters.band.rawValue) / 1_000_000_000
    let mark = Int128(record.mark.rawValue)
    let highest = Int128(record.maximumPrice.rawValue)
    if mark < max(1, min(index - width, highest)) || mark > max(1, min(index + width, highest)) {
      return "\(mark) is outside \(index) ± \(width)"
    }
    return nil
  }

  /// The index in price units as a fraction: p·10^d/10^e mq per unit of the asset over priceUnit·10^D/10^12 mq. `nil`: it
  /// would need lower terms to fit.
  private func exactIndex(of instrument: UInt32) -> (numerator: Int128, denominator: Int128)? {
    let asset = ledger.assets[ledger.instruments[instrument].baseAsset]
    var numerator = Int128(asset.price.rawValue)
    var denominator = Int128(ledger.instruments[instrument].priceUnit)
    var exponent = Int(asset.digits) - Int(asset.priceScale) + 12 - Int(ledger.moneyDigits)
    while exponent > 0 {
      if denominator % 10 == 0 { denominator /= 10 } else { numerator *= 10 }
      exponent -= 1
      if numerator > 1 << 100 { return nil }
    }
    while exponent < 0 {
      if numerator % 10 == 0 { numerator /= 10 } else { denominator *= 10 }
      exponent += 1
      if denominator > 1 << 100 { return nil }
    }
    return (numerator, denominator)
  }
}
