import Margin
import Values
import Wire

// Schedules, assets, instruments and their parameters: Protocol/rules.md §2.

extension Kernel {
  mutating func defineSchedule(_ frame: Frame, _ command: Command, output: inout Output) throws(Reject) {
    let message = frame.decode(DefineSchedule.self)
    try require(message.schedule != .none, .invalid(DefineSchedule.Field.schedule))
    let count = frame.rowCount(of: DefineSchedule.self)
    try require(count >= 1 && count <= Limits.scheduleRows, Reject(.malformed, Int64(frame.bytes.count)))
    try require(ledger.find(message.schedule) == 0, Reject(.alreadyDefined, Int64(message.schedule.rawValue)))
    try require(!ledger.schedules.isFull, Reject(.venueFull, Int64(limits.schedules)))
    let rows = (0..<count).map { index in
      let row = frame.row(index, of: DefineSchedule.self)
      return Bracket(lower: row.lower, rate: row.rate)
    }
    if let row = Schedule.firstFault(in: rows) { throw Reject(.scheduleNotRising, Int64(row)) }
    ledger.add(Schedule(id: message.schedule, rows: rows))
    acceptRequest(command, output: &output)
  }

  mutating func setImpactCurve(_ frame: Frame, _ command: Command, output: inout Output) throws(Reject) {
    let message = frame.decode(SetImpactCurve.self)
    guard let side = message.side else { throw .invalid(SetImpactCurve.Field.side) }
    let count = frame.rowCount(of: SetImpactCurve.self)
    try require(count <= Limits.scheduleRows, Reject(.malformed, Int64(frame.bytes.count)))
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(
      ledger.instruments[instrument].kind.isLinear, .invalid(SetImpactCurve.Field.instrument))
    try require(ledger.instruments[instrument].liquidity == 0, Reject(.inUse))
    let knots = (0..<count).map { index in
      let row = frame.row(index, of: SetImpactCurve.self)
      return (row.lots, row.rate)
    }
    if let row = ImpactCurve.firstFault(in: knots) { throw Reject(.scheduleNotRising, Int64(row)) }
    ledger.setCurve(of: instrument, closingLongs: side == .buy, to: ImpactCurve(knots: knots))
    acceptRequest(command, output: &output)
  }

  mutating func defineAsset(_ message: DefineAsset, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.asset != .settlement, .invalid(DefineAsset.Field.asset))
    try require(message.digits <= 18, .invalid(DefineAsset.Field.digits))
    try require(message.priceScale <= 18, .invalid(DefineAsset.Field.priceScale))
    try require(ledger.find(message.asset) == 0, Reject(.alreadyDefined, Int64(message.asset.rawValue)))
    try require(!ledger.assets.isFull, Reject(.venueFull, Int64(limits.assets)))
    typealias Field = DefineAsset.Field
    let (maintenance, initial) = try haircuts(
      message.haircutMaintenance, message.haircutInitial, fields: (Field.haircutMaintenance, Field.haircutInitial))
    try checkAddons(
      message.debtAddonMaintenance, message.debtAddonInitial,
      fields: (Field.debtAddonMaintenance, Field.debtAddonInitial))
    ledger.add(
      Asset(
        id: message.asset, symbol: message.symbol, digits: message.digits, priceScale: message.priceScale,
        haircutMaintenance: maintenance, haircutInitial: initial,
        debtAddonMaintenance: message.debtAddonMaintenance, debtAddonInitial: message.debtAddonInitial))
    acceptRequest(command, output: &output)
  }

  /// Slots of two haircut tables that go together.
  func haircuts(
    _ maintenanceId: ScheduleId, _ initialId: ScheduleId, fields: (maintenance: Int64, initial: Int64)
  ) throws(Reject) -> (maintenance: UInt32, initial: UInt32) {
    let maintenance = try findSchedule(maintenanceId)
    let initial = try findSchedule(initialId)
    try require(
      scheduleOrZero(maintenance).lastRate <= .one, Reject(.parameterOutOfRange, fields.maintenance))
    try require(scheduleOrZero(initial).lastRate <= .one, Reject(.parameterOutOfRange, fields.initial))
    if let notional = scheduleOrZero(initial).firstNotional(wherePaysLessThan: scheduleOrZero(maintenance)) {
      throw Reject(.initialBelowMaintenance, notional)
    }
    return (maintenance, initial)
  }

  func checkAddons(
    _ maintenance: Rate, _ initial: Rate, fields: (maintenance: Int64, initial: Int64)
  ) throws(Reject) {
    let addons = Rate.zero...Rate.maximum
    try require(addons.contains(maintenance), Reject(.parameterOutOfRange, fields.maintenance))
    try require(addons.contains(initial), Reject(.parameterOutOfRange, fields.initial))
    try require(initial >= maintenance, Reject(.initialBelowMaintenance))
  }

  /// The slot of a schedule; 0 for "none".
  private func findSchedule(_ id: ScheduleId) throws(Reject) -> UInt32 {
    if id == .none { return 0 }
    let slot = ledger.find(id)
    try require(slot != 0, Reject(.unknownSchedule))
    return slot
  }

  /// The schedule, or one that is 0 % everywhere for "none".
  func scheduleOrZero(_ slot: UInt32) -> Schedule {
    slot == 0 ? Schedule(id: .none, rows: [Bracket(lower: .zero, rate: .zero)]) : ledger.schedules[slot]
  }

  mutating func defineInstrument(
    _ message: DefineInstrument, _ command: Command, output: inout Output
  ) throws(Reject) {
    guard let kind = message.kind, kind == .spot || kind == .perpetual else {
      throw .invalid(DefineInstrument.Field.kind)
    }
    addInstrument(try instrument(from: message, kind: kind))
    acceptRequest(command, output: &output)
  }

  /// Makes a checked instrument known, with an empty book.
  mutating func addInstrument(_ checked: Instrument) {
    var instrument = checked
    instrument.book = books.addBook()
    instrument.longCurve = ledger.curves.insert(ImpactCurve())
    instrument.shortCurve = ledger.curves.insert(ImpactCurve())
    ledger.add(instrument)
    armExpiry(of: ledger.find(instrument.id))
  }

  /// The instrument that a definition describes, checked; it has no book yet.
  func instrument(from message: DefineInstrument, kind: InstrumentKind) throws(Reject) -> Instrument {
    try require(message.instrument != .none, .invalid(DefineInstrument.Field.instrument))
    try require(
      ledger.find(message.instrument) == 0, Reject(.alreadyDefined, Int64(message.instrument.rawValue)))
    try require(!ledger.instruments.isFull, Reject(.venueFull, Int64(limits.instruments)))
    let baseAsset = message.base == .settlement ? 0 : ledger.find(message.base)
    let quoteAsset = message.quote == .settlement ? 0 : ledger.find(message.quote)
    try require(baseAsset != 0, Reject(.unknownAsset))
    try require(quoteAsset != 0 || message.quote == .settlement, Reject(.unknownAsset))
    try require(
      kind == .spot ? message.base != message.quote : message.quote == .settlement,
      .invalid(DefineInstrument.Field.quote))
    try require(message.priceUnit > 0, .invalid(DefineInstrument.Field.priceUnit))
    try require(message.lotSize > 0, .invalid(DefineInstrument.Field.lotSize))
    let quoteDigits = quoteAsset == 0 ? ledger.moneyDigits : ledger.assets[quoteAsset].digits
    let multiplier = try tickValue(message.priceUnit, message.lotSize, quoteDigits: quoteDigits)
    let baseLot = kind == .spot ? try lotQuanta(message.lotSize, baseDigits: ledger.assets[baseAsset].digits) : 0
    try checkInstrumentRanges(message)
    return Instrument(
      id: message.instrument, base: message.base, quote: message.quote, kind: kind,
      hasPriceCap: message.maximumPrice > Price(0), symbol: message.symbol, priceUnit: message.priceUnit,
      lotSize: message.lotSize, multiplier: multiplier, baseLot: baseLot,
      maximumPrice: message.maximumPrice > Price(0) ? message.maximumPrice : Price(Limits.price),
      priceBand: message.priceBand,
      maximumOrder: message.maximumOrder > .zero ? message.maximumOrder : Quantity(Limits.quantity),
      positionLimit: message.positionLimit > .zero ? message.positionLimit : Quantity(Limits.quantity),
      makerFee: message.makerFee, takerFee: message.takerFee, book: 0, baseAsset: baseAsset, quoteAsset: quoteAsset,
      longCurve: 0, shortCurve: 0)
  }

  /// m: quote quanta per lot × price unit, which must be whole.
  private func tickValue(_ priceUnit: Int64, _ lotSize: Int64, quoteDigits: UInt8) throws(Reject) -> Int64 {
    var unit: Int128 = 1
    for _ in 0..<(24 - quoteDigits) { unit *= 10 }
    let product = Int128(priceUnit) * Int128(lotSize)
    guard product % unit == 0 else {
      let smallest = unit / greatestCommonDivisor(unit, Int128(lotSize))
      throw Reject(.tickValueNotWhole, Money(smallest))
    }
    let multiplier = product / unit
    try require(
      multiplier <= Int128(Limits.multiplier), Reject(.parameterOutOfRange, DefineInstrument.Field.lotSize))
    return Int64(multiplier)
  }

  private func lotQuanta(_ lotSize: Int64, baseDigits: UInt8) throws(Reject) -> Int64 {
    var scale: Int128 = 1
    for _ in 0..<baseDigits { scale *= 10 }
    let product = Int128(lotSize) * scale
    let quanta = product / 1_000_000_000_000
    try require(
      product % 1_000_000_000_000 == 0 && quanta <= 1_000_000_000_000_000_000,
      .invalid(DefineInstrument.Field.lotSize))
    return Int64(quanta)
  }

  private func checkInstrumentRanges(_ message: DefineInstrument) throws(Reject) {
    typealias Field = DefineInstrument.Field
    let fee = Int64(100_000_000)
    func check(_ holds: Bool, _ field: Int64) throws(Reject) {
      try require(holds, Reject(.parameterOutOfRange, field))
    }
    try check((0...Limits.price).contains(message.maximumPrice.rawValue), Field.maximumPrice)
    try check((Rate.zero...Rate.one).contains(message.priceBand), Field.priceBand)
    try check((0...Limits.quantity).contains(message.maximumOrder.rawValue), Field.maximumOrder)
    try check((0...Limits.quantity).contains(message.positionLimit.rawValue), Field.positionLimit)
    try check((-fee...fee).contains(message.makerFee.rawValue), Field.makerFee)
    try check((-fee...fee).contains(message.takerFee.rawValue), Field.takerFee)
    try check(
      ledger.feeTiers().covers(maker: message.makerFee, taker: message.takerFee), Field.takerFee)
  }

  mutating func setMarginParameters(
    _ message: SetMarginParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetMarginParameters.Field
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind.isLinear, .invalid(Field.instrument))
    var parameters = MarginParameters()
    parameters.maintenanceTiers = try findSchedule(message.maintenanceTiers)
    parameters.initialTiers = try findSchedule(message.initialTiers)
    func checked(_ rate: Rate, _ range: ClosedRange<Rate>, _ field: Int64) throws(Reject) -> Rate {
      try require(range.contains(rate), Reject(.parameterOutOfRange, field))
      return rate
    }
    let any = Rate.zero...Rate.maximum
    parameters.maintenanceBase = try checked(message.maintenanceBase, any, Field.maintenanceBase)
    parameters.initialBase = try checked(message.initialBase, any, Field.initialBase)
    parameters.sizeFactor = try checked(message.sizeFactor, any, Field.sizeFactor)
    parameters.maintenanceVolatility = try checked(message.maintenanceVolatility, any, Field.maintenanceVolatility)
    parameters.initialVolatility = try checked(message.initialVolatility, any, Field.initialVolatility)
    parameters.volatilityRatio = try checked(
      message.volatilityRatio, Rate(1_100_000_000)...Rate.maximum, Field.volatilityRatio)
    parameters.profitWeight = try checked(message.profitWeight, Rate.zero...Rate.one, Field.profitWeight)
    parameters.liquidationFee = try checked(message.liquidationFee, any, Field.liquidationFee)
    parameters.maximumSlippage = try checked(message.maximumSlippage, any, Field.maximumSlippage)
    try require(parameters.initialBase >= parameters.maintenanceBase, Reject(.initialBelowMaintenance))
    let maintenanceTiers = scheduleOrZero(parameters.maintenanceTiers)
    if let notional = scheduleOrZero(parameters.initialTiers).firstNotional(wherePaysLessThan: maintenanceTiers) {
      throw Reject(.initialBelowMaintenance, notional)
    }
    let measured = ledger.instruments[instrument].volatility
    let lowest = lowestMaintenanceRate(
      parameters, tiers: maintenanceTiers, measured: lowestMeasuredRate(of: instrument))
    try require(
      lowest == .zero || canCoverLiquidation(parameters, lowest),
      Reject(.parameterOutOfRange, Field.liquidationFee))
    try require(
      measured != 0
        || parameters.maintenanceVolatility.rawValue <= Rate.one.rawValue - liquidityCap(of: instrument).rawValue
        || ledger.instruments[instrument].liquidity == 0,
      Reject(.parameterOutOfRange, Field.maintenanceVolatility))
    let group = ledger.riskGroup(ofInstrument: instrument)
    if group != 0 {
      let floor = ledger.groups[group].parameters.rangeFloor.rawValue
      try require(
        floor == 0 || parameters.liquidationFee.rawValue + parameters.maximumSlippage.rawValue < floor,
        Reject(.parameterOutOfRange, Field.liquidationFee))
    }
    ledger.setParameters(of: instrument, to: parameters)
    if measured != 0 { publishRates(of: instrument, output: &output) }
    acceptRequest(command, output: &output)
  }
}

/// Greatest common divisor of two positive numbers.
func greatestCommonDivisor(_ left: Int128, _ right: Int128) -> Int128 {
  var (larger, smaller) = (left, right)
  while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
  return larger
}
