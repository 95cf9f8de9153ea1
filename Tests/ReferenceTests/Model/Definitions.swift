import Values
import Wire

// Section 2 of the rules: schedules, assets, instruments and their margin parameters.

private let highestRate: Int128 = 10 * one

/// Throws `parameterOutOfRange` with the field's id.
func requireRange(_ value: Int128, in range: ClosedRange<Int128>, field: Int64) throws(Reject) {
  if !range.contains(value) { throw Reject(.parameterOutOfRange, field) }
}

func requireField(_ isGood: Bool, _ field: Int64) throws(Reject) {
  if !isGood { throw Reject(.invalidField, field) }
}

func requireRoom(_ count: Int, _ capacity: UInt32, adding: Int = 1) throws(Reject) {
  if count + adding > Int(capacity) { throw Reject(.venueFull, capacity) }
}

extension ReferenceVenue {
  func defineVenue() throws(Reject) {
    if sequence != 1 { throw Reject(.alreadyDefined) }
    accept()
  }

  func define(_ message: DefineSchedule, rows: [DefineSchedule.Row], _ frame: Frame) throws(Reject) {
    try requireField(message.schedule != .none, DefineSchedule.Field.schedule)
    if !(1...16).contains(rows.count) { throw Reject(.malformed, frame.bytes.count) }
    if schedules[message.schedule] != nil { throw Reject(.alreadyDefined, message.schedule.rawValue) }
    try requireRoom(schedules.count, limits.schedules)
    var schedule = ModelSchedule(rows: [])
    for (index, row) in rows.enumerated() {
      let lower = row.lower.rawValue
      let rate = Int128(row.rate.rawValue)
      let isGood =
        index == 0
        ? lower == 0 : lower > schedule.rows[index - 1].lower && rate >= schedule.rows[index - 1].rate
      if !isGood || lower > Int128(Limits.notionalPerAccount) || !(0...highestRate).contains(rate) {
        throw Reject(.scheduleNotRising, index)
      }
      schedule.rows.append((lower, rate))
    }
    schedules[message.schedule] = schedule
    accept()
  }

  private func schedule(_ id: ScheduleId) throws(Reject) -> ModelSchedule {
    if id == .none { return .none }
    guard let schedule = schedules[id] else { throw Reject(.unknownSchedule) }
    return schedule
  }

  /// Throws unless `initial` is at least `maintenance` at every notional.
  private func require(_ initial: ModelSchedule, above maintenance: ModelSchedule) throws(Reject) {
    let bounds = (initial.rows + maintenance.rows).map(\.lower).sorted()
    for notional in bounds where initial.amount(notional) < maintenance.amount(notional) {
      throw Reject(.initialBelowMaintenance, notional)
    }
    if initial.rows.last!.rate < maintenance.rows.last!.rate {
      throw Reject(.initialBelowMaintenance, bounds.last!)
    }
  }

  func define(_ message: DefineAsset) throws(Reject) {
    typealias Field = DefineAsset.Field
    try requireField(message.asset != .settlement, Field.asset)
    try requireField(message.digits <= 18, Field.digits)
    try requireField(message.priceScale <= 18, Field.priceScale)
    if assets[message.asset] != nil { throw Reject(.alreadyDefined, message.asset.rawValue) }
    try requireRoom(assets.count, limits.assets)
    let maintenance = try schedule(message.haircutMaintenance)
    let initial = try schedule(message.haircutInitial)
    try requireRange(maintenance.rows.last!.rate, in: 0...one, field: Field.haircutMaintenance)
    try requireRange(initial.rows.last!.rate, in: 0...one, field: Field.haircutInitial)
    try require(initial, above: maintenance)
    let addonMaintenance = Int128(message.debtAddonMaintenance.rawValue)
    let addonInitial = Int128(message.debtAddonInitial.rawValue)
    try requireRange(addonMaintenance, in: 0...highestRate, field: Field.debtAddonMaintenance)
    try requireRange(addonInitial, in: 0...highestRate, field: Field.debtAddonInitial)
    if addonInitial < addonMaintenance { throw Reject(.initialBelowMaintenance) }
    assets[message.asset] = ModelAsset(
      digits: Int(message.digits), scale: power(of: Int(message.priceScale)), haircutMaintenance: maintenance,
      haircutInitial: initial, addonMaintenance: addonMaintenance, addonInitial: addonInitial)
    accept()
  }

  func define(_ message: DefineInstrument) throws(Reject) {
    typealias Field = DefineInstrument.Field
    guard let kind = message.kind, kind == .spot || kind == .perpetual else { throw Reject(.invalidField, Field.kind) }
    try requireField(message.instrument != .none, Field.instrument)
    if instruments[message.instrument] != nil { throw Reject(.alreadyDefined, message.instrument.rawValue) }
    try requireRoom(instruments.count, limits.instruments)
    guard message.base != .settlement, let base = assets[message.base] else { throw Reject(.unknownAsset) }
    try requireAsset(message.quote)
    try requireField(
      kind == .spot ? message.base != message.quote : message.quote == .settlement, Field.quote)
    try requireField(message.priceUnit > 0, Field.priceUnit)
    try requireField(message.lotSize > 0, Field.lotSize)
    let lotSize = Int128(message.lotSize)
    let quoteDigits = assets[message.quote]?.digits ?? Int(limits.moneyDigits)
    let multiplier = try tickValue(Int128(message.priceUnit), lotSize, quoteDigits: quoteDigits)
    try requireRange(multiplier, in: 1...Int128(Limits.multiplier), field: Field.lotSize)
    let baseLot = lotSize * power(of: base.digits) / power(of: 12)
    if kind == .spot {
      let isWhole = lotSize * power(of: base.digits) % power(of: 12) == 0
      try requireField(isWhole && (1...power(of: 18)).contains(baseLot), Field.lotSize)
    }
    let largestLots = 0...Int128(Limits.quantity)
    let feeRange = -power(of: 8)...power(of: 8)
    let maximumPrice = Int128(message.maximumPrice.rawValue)
    let priceBand = Int128(message.priceBand.rawValue)
    let maximumOrder = Int128(message.maximumOrder.rawValue)
    let positionLimit = Int128(message.positionLimit.rawValue)
    let makerFee = Int128(message.makerFee.rawValue)
    let takerFee = Int128(message.takerFee.rawValue)
    try requireRange(maximumPrice, in: 0...Int128(Limits.price), field: Field.maximumPrice)
    try requireRange(priceBand, in: 0...one, field: Field.priceBand)
    try requireRange(maximumOrder, in: largestLots, field: Field.maximumOrder)
    try requireRange(positionLimit, in: largestLots, field: Field.positionLimit)
    try requireRange(makerFee, in: feeRange, field: Field.makerFee)
    try requireRange(takerFee, in: feeRange, field: Field.takerFee)
    try requireRange(makerFee + takerFee, in: 0...one, field: Field.takerFee)
    instruments[message.instrument] = ModelInstrument(
      id: message.instrument, number: instruments.count, kind: kind, base: message.base, quote: message.quote,
      multiplier: multiplier,
      priceUnit: Int128(message.priceUnit), lotSize: lotSize, baseLot: baseLot, maximumPriceGiven: maximumPrice,
      priceBand: priceBand,
      maximumOrder: maximumOrder == 0 ? Int128(Limits.quantity) : maximumOrder,
      positionLimit: positionLimit == 0 ? Int128(Limits.quantity) : positionLimit, makerFee: makerFee,
      takerFee: takerFee)
    accept()
  }

  /// Quote quanta per lot × price unit.
  private func tickValue(_ priceUnit: Int128, _ lotSize: Int128, quoteDigits: Int) throws(Reject) -> Int128 {
    let divisor = power(of: 24 - quoteDigits)
    if priceUnit * lotSize % divisor == 0 { return priceUnit * lotSize / divisor }
    var common = (divisor, lotSize)
    while common.1 != 0 { common = (common.1, common.0 % common.1) }
    throw Reject(.tickValueNotWhole, divisor / common.0)
  }

  func set(_ message: SetMarginParameters) throws(Reject) {
    typealias Field = SetMarginParameters.Field
    let instrument = try instrument(message.instrument)
    try requireField(instrument.isPerpetual, Field.instrument)
    let maintenanceTiers = try schedule(message.maintenanceTiers)
    let initialTiers = try schedule(message.initialTiers)
    let rates = 0...highestRate
    let parameters = ModelParameters(
      maintenanceTiers: maintenanceTiers, initialTiers: initialTiers,
      maintenanceBase: Int128(message.maintenanceBase.rawValue), initialBase: Int128(message.initialBase.rawValue),
      sizeFactor: Int128(message.sizeFactor.rawValue),
      maintenanceVolatility: Int128(message.maintenanceVolatility.rawValue),
      initialVolatility: Int128(message.initialVolatility.rawValue),
      volatilityRatio: Int128(message.volatilityRatio.rawValue), profitWeight: Int128(message.profitWeight.rawValue))
    let liquidationFee = Int128(message.liquidationFee.rawValue)
    let maximumSlippage = Int128(message.maximumSlippage.rawValue)
    try requireRange(parameters.maintenanceBase, in: rates, field: Field.maintenanceBase)
    try requireRange(parameters.initialBase, in: rates, field: Field.initialBase)
    try requireRange(parameters.sizeFactor, in: rates, field: Field.sizeFactor)
    try requireRange(parameters.maintenanceVolatility, in: rates, field: Field.maintenanceVolatility)
    try requireRange(parameters.initialVolatility, in: rates, field: Field.initialVolatility)
    try requireRange(
      parameters.volatilityRatio, in: 1_100_000_000...highestRate, field: Field.volatilityRatio)
    try requireRange(parameters.profitWeight, in: 0...one, field: Field.profitWeight)
    try requireRange(liquidationFee, in: rates, field: Field.liquidationFee)
    try requireRange(maximumSlippage, in: rates, field: Field.maximumSlippage)
    if parameters.initialBase < parameters.maintenanceBase { throw Reject(.initialBelowMaintenance) }
    try require(initialTiers, above: maintenanceTiers)
    let lowest = max(maintenanceTiers.rows[0].rate, parameters.maintenanceBase)
    if lowest > 0 && liquidationFee + maximumSlippage >= lowest {
      throw Reject(.parameterOutOfRange, Field.liquidationFee)
    }
    instruments[message.instrument]!.parameters = parameters
    accept()
  }

  func set(_ message: SetImpactCurve, rows: [SetImpactCurve.Row], _ frame: Frame) throws(Reject) {
    guard let side = message.side else { throw Reject(.invalidField, SetImpactCurve.Field.side) }
    if rows.count > 16 { throw Reject(.malformed, frame.bytes.count) }
    try requireField(try instrument(message.instrument).isPerpetual, SetImpactCurve.Field.instrument)
    var curve: [(lots: Int128, rate: Int128)] = []
    for (index, row) in rows.enumerated() {
      let knot = (lots: Int128(row.lots.rawValue), rate: Int128(row.rate.rawValue))
      let before = curve.last ?? (0, 0)
      let isLarge = knot.lots > Int128(Limits.quantity)
      if knot.lots <= before.lots || isLarge || knot.rate < before.rate || knot.rate > one {
        throw Reject(.scheduleNotRising, index)
      }
      curve.append(knot)
    }
    if side == .buy {
      instruments[message.instrument]!.longCurve = curve
    } else {
      instruments[message.instrument]!.shortCurve = curve
    }
    accept()
  }
}
