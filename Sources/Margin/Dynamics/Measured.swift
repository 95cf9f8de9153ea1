import Values

/// What is measured in an instrument's mark, and when the next sample is due.
@frozen public struct MeasuredVolatility: BitwiseCopyable {
  public var state: VolatilityState
  public var next: Timestamp

  public init(state: VolatilityState, next: Timestamp) {
    self.state = state
    self.next = next
  }
}

/// What is measured in an instrument's book, and when the next look is due.
@frozen public struct MeasuredLiquidity: BitwiseCopyable {
  public var state: LiquidityState
  public var next: Timestamp

  public init(state: LiquidityState, next: Timestamp) {
    self.state = state
    self.next = next
  }
}

// Rates and curves move here only. Every change costs O(1): holders become stale and are refreshed when touched.

extension Ledger {
  /// The rates in force: measured, or those of the parameters.
  public func ratesNow(of instrument: UInt32) -> RatesInForce {
    let slot = instruments[instrument].volatility
    if slot == 0 { return instruments[instrument].parameters.fixedRates }
    let ratio = instruments[instrument].parameters.volatilityRatio
    return RatesInForce(
      maintenanceVolatility: volatilities[slot].state.maintenance,
      initialVolatility: volatilities[slot].state.initialInForce(ratio: ratio),
      openInterest: volatilities[slot].state.openInterest)
  }

  /// Measures the mark from now on, or goes on with other parameters. The rates stay as they are, and go on from there.
  public mutating func measureVolatility(
    of instrument: UInt32, _ parameters: VolatilityParameters, from variance: Variance?, now: Timestamp
  ) {
    let next = Timestamp(now.rawValue + parameters.interval)
    var slot = instruments[instrument].volatility
    if slot == 0 {
      let fixed = instruments[instrument].parameters
      let state = VolatilityState(
        parameters, variance: Variance(0), initial: fixed.initialVolatility, maintenance: fixed.maintenanceVolatility)
      slot = volatilities.insert(MeasuredVolatility(state: state, next: next))
      instruments[instrument].volatility = slot
    } else {
      if volatilities[slot].state.parameters.interval != parameters.interval { volatilities[slot].next = next }
      volatilities[slot].state.change(to: parameters)
    }
    if let variance { volatilities[slot].state.seed(variance) }
    refreshRates(of: instrument)
  }

  /// The rates of the margin parameters are in force again.
  public mutating func fixVolatility(of instrument: UInt32) {
    let slot = instruments[instrument].volatility
    if slot != 0 { volatilities.remove(slot) }
    instruments[instrument].volatility = 0
    refreshRates(of: instrument)
  }

  /// One sample of the mark and of the open interest. Whether a rate has changed.
  public mutating func sampleVolatility(of instrument: UInt32) -> Bool {
    let slot = instruments[instrument].volatility
    let record = instruments[instrument]
    let hasChanged = volatilities[slot].state.step(
      mark: record.hasMark ? record.mark : nil, isTrading: record.phase != .halted,
      openInterest: openInterestNotional(of: instrument), base: record.parameters.initialBase)
    volatilities[slot].next.rawValue += volatilities[slot].state.parameters.interval
    if hasChanged { refreshRates(of: instrument) }
    return hasChanged
  }

  /// Open interest × mark × m, in mq; saturates.
  public func openInterestNotional(of instrument: UInt32) -> Int128 {
    let lots = Int128(instruments[instrument].openInterest.rawValue) * Int128(instruments[instrument].mark.rawValue)
    let (notional, overflow) = lots.multipliedReportingOverflow(by: Int128(instruments[instrument].multiplier))
    return overflow ? .max : notional
  }

  private mutating func refreshRates(of instrument: UInt32) {
    instruments[instrument].rates = ratesNow(of: instrument)
    instruments[instrument].epoch += 1
    epoch += 1
    noteMove(ofInstrument: instrument)
  }

  // MARK: Depth

  /// Measures the book from now on, or goes on with other parameters. The curves go on from where they are.
  ///
  /// Orders that have entered by command `sequence` have rested when the first look comes.
  public mutating func measureLiquidity(
    of instrument: UInt32, _ parameters: LiquidityParameters, sequence: UInt64, now: Timestamp
  ) {
    let next = Timestamp(now.rawValue + parameters.interval)
    var slot = instruments[instrument].liquidity
    if slot == 0 {
      let state = LiquidityState(
        parameters, from: curves[instruments[instrument].longCurve], curves[instruments[instrument].shortCurve],
        restedSince: sequence)
      slot = liquidities.insert(MeasuredLiquidity(state: state, next: next))
      instruments[instrument].liquidity = slot
    } else {
      if liquidities[slot].state.parameters.interval != parameters.interval { liquidities[slot].next = next }
      liquidities[slot].state.change(to: parameters)
    }
    refreshCurves(of: instrument)
  }

  /// The curves stay as they are.
  public mutating func fixLiquidity(of instrument: UInt32) {
    let slot = instruments[instrument].liquidity
    if slot != 0 { liquidities.remove(slot) }
    instruments[instrument].liquidity = 0
  }

  /// One look at the book in command `sequence`. Whether a curve has changed.
  public mutating func take(
    longs: DepthValues, shorts: DepthValues, of instrument: UInt32, sequence: UInt64
  ) -> Bool {
    let slot = instruments[instrument].liquidity
    let hasChanged = liquidities[slot].state.look(longs: longs, shorts: shorts)
    liquidities[slot].state.restedSince = sequence
    if hasChanged { refreshCurves(of: instrument) }
    return hasChanged
  }

  private mutating func refreshCurves(of instrument: UInt32) {
    let slot = instruments[instrument].liquidity
    setCurve(of: instrument, closingLongs: true, to: liquidities[slot].state.longCurve)
    setCurve(of: instrument, closingLongs: false, to: liquidities[slot].state.shortCurve)
  }
}
