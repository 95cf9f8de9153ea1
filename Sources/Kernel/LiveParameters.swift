import Margin
import Matching
import Values
import Wire

// Parameters that were given with a definition, changed while the venue trades: Protocol/rules.md §2. Each is checked
// against everything that refers to it, and takes effect at the command.

extension Kernel {
  mutating func setSchedule(_ frame: Frame, _ command: Command, output: inout Output) throws(Reject) {
    let message = frame.decode(SetSchedule.self)
    let count = frame.rowCount(of: SetSchedule.self)
    try require((1...Limits.scheduleRows).contains(count), Reject(.malformed, Int64(frame.bytes.count)))
    let slot = ledger.find(message.schedule)
    try require(slot != 0, Reject(.unknownSchedule))
    let rows = (0..<count).map { index in
      let row = frame.row(index, of: SetSchedule.self)
      return Bracket(lower: row.lower, rate: row.rate)
    }
    if let row = Schedule.firstFault(in: rows) { throw Reject(.scheduleNotRising, Int64(row)) }
    let schedule = Schedule(id: message.schedule, rows: rows)
    try checkUses(of: slot, as: schedule)
    ledger.setSchedule(slot, to: schedule)
    acceptRequest(command, output: &output)
  }

  /// Assets, then instruments, in order of creation: whether all that use the table may go on with the new rows.
  private func checkUses(of slot: UInt32, as schedule: Schedule) throws(Reject) {
    func table(_ used: UInt32) -> Schedule { used == slot ? schedule : scheduleOrZero(used) }
    for asset in 1..<UInt32(ledger.assets.count + 1) {
      let (maintenance, initial) = (ledger.assets[asset].haircutMaintenance, ledger.assets[asset].haircutInitial)
      guard maintenance == slot || initial == slot else { continue }
      try require(schedule.lastRate <= .one, Reject(.parameterOutOfRange, SetSchedule.Field.schedule))
      try checkPair(table(initial), table(maintenance))
    }
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      let parameters = ledger.instruments[instrument].parameters
      guard parameters.maintenanceTiers == slot || parameters.initialTiers == slot else { continue }
      try checkPair(table(parameters.initialTiers), table(parameters.maintenanceTiers))
      let lowest = lowestMaintenanceRate(
        parameters, tiers: table(parameters.maintenanceTiers), measured: lowestMeasuredRate(of: instrument))
      try require(
        lowest == .zero || canCoverLiquidation(parameters, lowest), Reject(.liquidationCostTooHigh, lowest.rawValue))
    }
  }

  private func checkPair(_ initial: Schedule, _ maintenance: Schedule) throws(Reject) {
    if let notional = initial.firstNotional(wherePaysLessThan: maintenance) {
      throw Reject(.initialBelowMaintenance, notional)
    }
  }

  mutating func setAssetParameters(
    _ message: SetAssetParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetAssetParameters.Field
    let asset = ledger.find(message.asset)
    try require(message.asset != .settlement && asset != 0, Reject(.unknownAsset))
    let (maintenance, initial) = try haircuts(
      message.haircutMaintenance, message.haircutInitial, fields: (Field.haircutMaintenance, Field.haircutInitial))
    try checkAddons(
      message.debtAddonMaintenance, message.debtAddonInitial,
      fields: (Field.debtAddonMaintenance, Field.debtAddonInitial))
    ledger.setCollateral(
      of: asset, haircuts: (maintenance, initial), addons: (message.debtAddonMaintenance, message.debtAddonInitial))
    acceptRequest(command, output: &output)
  }

  mutating func setInstrumentLimits(
    _ message: SetInstrumentLimits, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetInstrumentLimits.Field
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    let fees = Rate(-100_000_000)...Rate(100_000_000)
    let lots = Quantity.zero...Quantity(Limits.quantity)
    try require((Rate.zero...Rate.one).contains(message.priceBand), Reject(.parameterOutOfRange, Field.priceBand))
    try require(lots.contains(message.maximumOrder), Reject(.parameterOutOfRange, Field.maximumOrder))
    try require(lots.contains(message.positionLimit), Reject(.parameterOutOfRange, Field.positionLimit))
    try require(fees.contains(message.makerFee), Reject(.parameterOutOfRange, Field.makerFee))
    try require(
      fees.contains(message.takerFee) && message.makerFee.rawValue + message.takerFee.rawValue >= 0
        && ledger.feeTiers().covers(maker: message.makerFee, taker: message.takerFee),
      Reject(.parameterOutOfRange, Field.takerFee))
    let book = ledger.instruments[instrument].book
    let hasOrders = Side.allCases.contains { books.best($0, in: book) != 0 }
    try require(message.makerFee == ledger.instruments[instrument].makerFee || !hasOrders, Reject(.inUse))
    ledger.instruments[instrument].priceBand = message.priceBand
    ledger.instruments[instrument].maximumOrder =
      message.maximumOrder > .zero ? message.maximumOrder : Quantity(Limits.quantity)
    let positionLimit = message.positionLimit > .zero ? message.positionLimit : Quantity(Limits.quantity)
    // The bands of holders reckon with the impact at the limit.
    if positionLimit > ledger.instruments[instrument].positionLimit { ledger.needsSweep = true }
    ledger.instruments[instrument].positionLimit = positionLimit
    ledger.instruments[instrument].makerFee = message.makerFee
    ledger.instruments[instrument].takerFee = message.takerFee
    acceptRequest(command, output: &output)
  }
}
