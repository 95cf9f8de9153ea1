import Margin
import Values
import Wire

// Answers to QueryParameters: what instruments are measured by, and what is in force.

extension Kernel {
  /// Reports of the one instrument named, or of all schedules, assets and linear instruments.
  borrowing func answerParameters(
    _ query: QueryParameters, _ key: KeyId, output: inout Output
  ) throws(Reject) -> (rows: Int, more: Bool) {
    let named = ledger.find(query.instrument)
    try require(query.instrument == .none || named != 0, Reject(.unknownInstrument))
    var rows = named == 0 ? reportTables(query.queryId, key, output: &output) : 0
    for slot in 1..<UInt32(ledger.instruments.count + 1) where named == 0 || named == slot {
      guard ledger.instruments[slot].kind.isLinear else { continue }
      if rows + 4 > Self.rowsPerAnswer { return (rows, true) }
      output.append(marginParameters(of: slot, queryId: query.queryId), to: key)
      output.append(rateReport(of: slot, queryId: query.queryId), to: key)
      for side in Side.allCases { reportCurve(side, of: slot, query.queryId, key, output: &output) }
      rows += 4
    }
    return (rows, false)
  }

  /// Bracket tables, then assets, then the interest of those that have had any, in order of creation.
  private borrowing func reportTables(_ queryId: UInt64, _ key: KeyId, output: inout Output) -> Int {
    for slot in 1..<UInt32(ledger.schedules.count + 1) {
      let schedule = ledger.schedules[slot]
      output.append(
        ScheduleReport(queryId: queryId, schedule: schedule.id),
        rows: (0..<schedule.count).lazy.map { index in
          ScheduleReport.Row(lower: schedule.row(index).lower, rate: schedule.row(index).rate)
        }, to: key)
    }
    for slot in 1..<UInt32(ledger.assets.count + 1) {
      let asset = ledger.assets[slot]
      output.append(
        AssetReport(
          queryId: queryId, asset: asset.id, haircutMaintenance: scheduleId(asset.haircutMaintenance),
          haircutInitial: scheduleId(asset.haircutInitial), digits: asset.digits, priceScale: asset.priceScale,
          symbol: asset.symbol, debtAddonMaintenance: asset.debtAddonMaintenance,
          debtAddonInitial: asset.debtAddonInitial, price: asset.hasPrice ? asset.price : nil,
          stablePrice: asset.stablePrice > Price(0) ? asset.stablePrice : nil,
          watched: asset.riskGroup == 0 ? 0 : ledger.watchLength(of: asset.riskGroup)), to: key)
    }
    var rows = ledger.schedules.count + ledger.assets.count
    for slot in 0..<UInt32(ledger.assets.count + 1) where ledger.interest(of: slot).isUsed {
      output.append(interestReport(of: slot, queryId: queryId), to: key)
      rows += 1
    }
    return rows
  }

  private borrowing func scheduleId(_ slot: UInt32) -> ScheduleId { slot == 0 ? .none : ledger.schedules[slot].id }

  private borrowing func marginParameters(of instrument: UInt32, queryId: UInt64) -> MarginParametersReport {
    let parameters = ledger.instruments[instrument].parameters
    return MarginParametersReport(
      queryId: queryId, instrument: ledger.instruments[instrument].id,
      maintenanceTiers: scheduleId(parameters.maintenanceTiers), initialTiers: scheduleId(parameters.initialTiers),
      maintenanceBase: parameters.maintenanceBase, initialBase: parameters.initialBase,
      sizeFactor: parameters.sizeFactor, maintenanceVolatility: parameters.maintenanceVolatility,
      initialVolatility: parameters.initialVolatility, volatilityRatio: parameters.volatilityRatio,
      profitWeight: parameters.profitWeight, liquidationFee: parameters.liquidationFee,
      maximumSlippage: parameters.maximumSlippage)
  }

  private borrowing func rateReport(of instrument: UInt32, queryId: UInt64) -> RiskRateReport {
    let figures = RateFigures(of: instrument, ledger)
    let slot = ledger.instruments[instrument].volatility
    var (parameters, next, lastMark, deviation) = (VolatilityParameters(), Timestamp(0), Price(0), Rate.zero)
    parameters.decay = 0
    parameters.horizon = 0
    if slot != 0 {
      let measured = ledger.volatilities[slot]
      (parameters, next, lastMark) = (measured.state.parameters, measured.next, measured.state.lastMark)
      deviation = Rate(measured.state.variance.deviation(over: 1))
    }
    return RiskRateReport(
      queryId: queryId, instrument: ledger.instruments[instrument].id, interval: figures.interval,
      quantile: parameters.quantile, horizon: parameters.horizon, decay: parameters.decay, notice: parameters.notice,
      floor: parameters.floor, stress: parameters.stress, up: parameters.up, down: parameters.down,
      maintenanceShare: parameters.maintenanceShare, cap: parameters.cap,
      lowerOpenInterest: Money(parameters.lowerOpenInterest), upperOpenInterest: Money(parameters.upperOpenInterest),
      next: next, lastMark: lastMark, deviation: deviation, target: figures.target,
      initialRate: figures.rates.initialVolatility, maintenanceRate: figures.rates.maintenanceVolatility,
      openInterestRate: figures.rates.openInterest, initialIn1: figures.in1.initial,
      initialIn10: figures.in10.initial, initialIn60: figures.in60.initial, maintenanceIn1: figures.in1.maintenance,
      maintenanceIn10: figures.in10.maintenance, maintenanceIn60: figures.in60.maintenance,
      openInterestIn1: figures.in1.openInterest, openInterestIn10: figures.in10.openInterest,
      openInterestIn60: figures.in60.openInterest)
  }

  private borrowing func reportCurve(
    _ side: Side, of instrument: UInt32, _ queryId: UInt64, _ key: KeyId, output: inout Output
  ) {
    let record = ledger.instruments[instrument]
    let curve = ledger.curves[side == .buy ? record.longCurve : record.shortCurve]
    var (parameters, next, window) = (LiquidityParameters(), Timestamp(0), ImpactWindow())
    parameters.window = 0
    if record.liquidity != 0 {
      let measured = ledger.liquidities[record.liquidity]
      (parameters, next) = (measured.state.parameters, measured.next)
      window = side == .buy ? measured.state.longWindow : measured.state.shortWindow
    }
    output.append(
      ImpactCurveReport(
        queryId: queryId, instrument: record.id, interval: UInt32(parameters.interval / 1_000_000), side: side,
        window: parameters.window, smoothing: parameters.smoothing, looks: min(window.count, parameters.window),
        floor: parameters.floor, cap: parameters.cap, change: parameters.change, next: next),
      rows: (0..<curve.count).lazy.map { index in
        let (lots, rate) = curve.knot(index)
        let last = window.count == 0 ? 0 : window.impacts(0).at(index)
        let worst = window.count == 0 ? 0 : window.worst(index, of: parameters.window)
        return ImpactCurveReport.Row(lots: lots, rate: rate, lastLook: Rate(last), worst: Rate(worst))
      }, to: key)
  }
}
