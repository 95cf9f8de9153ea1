import Margin
import Values

/// A fingerprint of a part of the state, for compare-and-swap orders: equal parts have equal tags on every machine, and
/// parts that differ have different ones but for one case in 2^64. Not a signature: it guards against change, not against
/// an adversary.
struct Tag {
  private(set) var value: UInt64 = 0x6B63_6F6C_7473_7065

  mutating func add(_ word: UInt64) {
    let mixed = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value = mixed << 29 | mixed >> 35
  }

  mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

  mutating func add(_ money: Money) {
    add(UInt64(truncatingIfNeeded: money.rawValue))
    add(UInt64(truncatingIfNeeded: money.rawValue >> 64))
  }
}

extension Kernel {
  /// Tag of what an account is and holds: its settings, balances, positions and open lots, and the lots of its master's
  /// other accounts beside them and in `instrument`, which its sizes are looked up with.
  func accountTag(_ account: UInt32, _ instrument: UInt32) -> UInt64 {
    let record = ledger.accounts[account]
    var tag = Tag()
    tag.add(UInt64(record.mode.rawValue) | UInt64(record.flags.rawValue) << 8 | UInt64(record.leverageCap) << 16)
    tag.add(record.multiplier.rawValue)
    tag.add(record.feeTier.maker.rawValue)
    tag.add(record.feeTier.taker.rawValue)
    // With interest, so that an index that moves them is a change and settling is none.
    tag.add(ledger.cash(of: account))
    var slot = record.firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      if position.isHeld || position.instrument == instrument {
        tag.add(UInt64(ledger.instruments[position.instrument].id.rawValue))
        let exposure = ledger.exposures[position.exposure]
        tag.add(exposure.long - position.exposedLong)
        tag.add(exposure.short - position.exposedShort)
      }
      // A refused order may make a record without lots and take it back.
      if position.isHeld {
        for number in [
          position.quantity.rawValue, position.openBuy.rawValue, position.openSell.rawValue,
          position.reduceBuy.rawValue, position.reduceSell.rawValue, position.worstBuy.rawValue,
          position.worstSell.rawValue,
        ] { tag.add(number) }
        tag.add(position.cost)
        tag.add(position.provision)
      }
      slot = position.next
    }
    var balance = record.firstBalance
    while balance != 0 {
      if ledger.balances[balance].amount != 0 {
        tag.add(UInt64(ledger.assets[ledger.balances[balance].asset].id.rawValue))
        tag.add(ledger.amount(of: balance))
      }
      balance = ledger.balances[balance].next
    }
    return tag.value
  }

  /// Tag of the marks, prices, phases and rates that the margin of an account that trades `instrument` depends on.
  func marketTag(_ account: UInt32, _ instrument: UInt32) -> UInt64 {
    var tag = Tag()
    add(instrument, to: &tag)
    if ledger.accounts[account].mode == .portfolio { addGroups(to: &tag) }
    var slot = ledger.accounts[account].firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      if position.instrument != instrument && position.isHeld { add(position.instrument, to: &tag) }
      slot = position.next
    }
    var balance = ledger.accounts[account].firstBalance
    while balance != 0 {
      if ledger.balances[balance].amount != 0 { add(asset: ledger.balances[balance].asset, to: &tag) }
      balance = ledger.balances[balance].next
    }
    return tag.value
  }

  /// Scenarios of all underlyings, and the credits among them.
  private func addGroups(to tag: inout Tag) {
    for slot in 1..<UInt32(ledger.groups.count + 1) {
      let parameters = ledger.groups[slot].parameters
      for rate in [
        ledger.scanRange(of: slot), parameters.volatilityShock, parameters.spreadRate, parameters.initialMultiplier,
        parameters.creditCap,
      ] { tag.add(rate.rawValue) }
      tag.add(parameters.shortOptionMinimum)
    }
    for slot in 1..<UInt32(ledger.credits.count + 1) {
      let credit = ledger.credits[slot]
      for rate in [credit.rate, credit.firstShare, credit.secondShare] { tag.add(rate.rawValue) }
    }
  }

  private func add(asset slot: UInt32, to tag: inout Tag) {
    if slot == 0 { return }
    let asset = ledger.assets[slot]
    tag.add(UInt64(asset.id.rawValue) | UInt64(asset.oracleGuard.rawValue) << 32)
    tag.add(asset.price.rawValue)
    tag.add(asset.stablePrice.rawValue)
    for table in [asset.haircutMaintenance, asset.haircutInitial] { add(schedule: table, to: &tag) }
  }

  /// An instrument's part: all that a requirement or an equity is reckoned from.
  private func add(_ instrument: UInt32, to tag: inout Tag) {
    let record = ledger.instruments[instrument]
    tag.add(
      UInt64(record.id.rawValue) | UInt64(record.phase.rawValue) << 32 | UInt64(record.oracleGuard.rawValue) << 40)
    tag.add(record.mark.rawValue)
    // What it has come to moves equity; 128 bits.
    tag.add(Money(record.funding.index.rawValue))
    if record.kind == .spot {
      add(asset: record.baseAsset, to: &tag)
      add(asset: record.quoteAsset, to: &tag)
    }
    if record.kind == .option { add(record.option, to: &tag) }
    let parameters = record.parameters
    for table in [parameters.maintenanceTiers, parameters.initialTiers] { add(schedule: table, to: &tag) }
    for rate in [
      parameters.maintenanceBase, parameters.initialBase, parameters.sizeFactor, parameters.profitWeight,
      record.rates.maintenanceVolatility, record.rates.initialVolatility, record.rates.openInterest,
    ] { tag.add(rate.rawValue) }
    for slot in [record.longCurve, record.shortCurve] {
      let curve = ledger.curves[slot]
      for index in 0..<curve.count {
        tag.add(curve.knot(index).0.rawValue)
        tag.add(curve.knot(index).1.rawValue)
      }
    }
  }

  /// The requirement of an option is of its underlying, which can move while the mark stands still; its scenarios are of
  /// the volatility and the time that are left.
  private func add(_ option: OptionContract, to tag: inout Tag) {
    let rates = option.parameters
    for number in [
      option.underlying.rawValue, option.volatility.rawValue, option.pricedAt.rawValue, rates.maximumRate.rawValue,
      rates.minimumRate.rawValue, rates.maintenanceRate.rawValue,
    ] { tag.add(number) }
  }

  private func add(schedule slot: UInt32, to tag: inout Tag) {
    if slot == 0 { return tag.add(Int64.zero) }
    let schedule = ledger.schedules[slot]
    tag.add(Int64(schedule.count))
    for index in 0..<schedule.count {
      tag.add(schedule.row(index).lower)
      tag.add(schedule.row(index).rate.rawValue)
    }
  }
}
