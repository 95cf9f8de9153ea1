import Margin
import Values
import Wire

// Volatility and open-interest rates that follow the mark: Protocol/rules.md §2 and §9.

extension Kernel {
  mutating func setVolatilityParameters(
    _ message: SetVolatilityParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetVolatilityParameters.Field
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind.isLinear, .invalid(Field.instrument))
    try require(ledger.instruments[instrument].hasParameters, Reject(.noMarginParameters))
    if message.interval == 0 {
      try require(
        ledger.instruments[instrument].liquidity == 0
          || ledger.instruments[instrument].parameters.maintenanceVolatility.rawValue
            + liquidityCap(of: instrument).rawValue <= Rate.one.rawValue,
        Reject(.parameterOutOfRange, Field.interval))
      if ledger.instruments[instrument].volatility != 0 {
        ledger.fixVolatility(of: instrument)
        timers.set(.volatility, instrument, at: .never)
        publishRates(of: instrument, output: &output)
      }
      acceptRequest(command, output: &output)
      return
    }
    let parameters = VolatilityParameters(message)
    if let fault = parameters.fault { throw Reject(.parameterOutOfRange, fault.field) }
    try require(
      (Rate.zero...Rate.one).contains(message.deviation), Reject(.parameterOutOfRange, Field.deviation))
    let state = volatilityStart(of: instrument, parameters)
    try require(parameters.cap >= max(state.initial, state.maintenance), Reject(.parameterOutOfRange, Field.cap))
    try require(
      parameters.cap.rawValue + liquidityCap(of: instrument).rawValue <= Rate.one.rawValue,
      Reject(.parameterOutOfRange, Field.cap))
    let margin = ledger.instruments[instrument].parameters
    let lowest = lowestMaintenanceRate(
      margin, tiers: scheduleOrZero(margin.maintenanceTiers), measured: state.lowestMaintenance(under: parameters))
    try require(
      canCoverLiquidation(margin, lowest),
      Reject(.liquidationCostTooHigh, lowest.rawValue))
    ledger.measureVolatility(
      of: instrument, parameters,
      from: message.deviation == .zero ? nil : Variance(deviation: message.deviation), now: time)
    timers.set(
      .volatility, instrument, at: ledger.volatilities[ledger.instruments[instrument].volatility].next)
    publishRates(of: instrument, output: &output)
    acceptRequest(command, output: &output)
  }

  /// Where the rates are now: measured, or those of the margin parameters.
  private func volatilityStart(of instrument: UInt32, _ parameters: VolatilityParameters) -> VolatilityState {
    let slot = ledger.instruments[instrument].volatility
    if slot != 0 { return ledger.volatilities[slot].state }
    let fixed = ledger.instruments[instrument].parameters
    return VolatilityState(
      parameters, variance: Variance(0), initial: fixed.initialVolatility, maintenance: fixed.maintenanceVolatility)
  }

  /// The highest volatility rate that can be in force while the parameters stay.
  func volatilityCap(of instrument: UInt32) -> Rate {
    let slot = ledger.instruments[instrument].volatility
    return slot == 0
      ? ledger.instruments[instrument].parameters.maintenanceVolatility : ledger.volatilities[slot].state.parameters.cap
  }

  /// The lowest maintenance rate of any position: the tiers' or the base, which do not move, else the measured one.
  func lowestMaintenanceRate(_ parameters: MarginParameters, tiers: Schedule, measured: Rate) -> Rate {
    let fixed = max(tiers.firstRate, parameters.maintenanceBase)
    return fixed > .zero ? fixed : measured
  }

  /// The lowest that the measured maintenance rate can come to; zero where it is fixed.
  func lowestMeasuredRate(of instrument: UInt32) -> Rate {
    let slot = ledger.instruments[instrument].volatility
    return slot == 0 ? .zero : ledger.volatilities[slot].state.lowestMaintenance
  }

  /// Whether what a liquidation costs stays below `lowest`.
  func canCoverLiquidation(_ parameters: MarginParameters, _ lowest: Rate) -> Bool {
    let cost = parameters.liquidationFee.rawValue + parameters.maximumSlippage.rawValue
    return cost == 0 || cost < lowest.rawValue
  }

  /// A sample is due. An expired instrument is measured no longer.
  mutating func sampleVolatility(of instrument: UInt32, output: inout Output) {
    if ledger.instruments[instrument].isExpired { return ledger.fixVolatility(of: instrument) }
    if ledger.sampleVolatility(of: instrument) { publishRates(of: instrument, output: &output) }
    timers.set(
      .volatility, instrument, at: ledger.volatilities[ledger.instruments[instrument].volatility].next)
  }

  /// Tells the risk feed which rates are in force, and how high they can be later.
  func publishRates(of instrument: UInt32, output: inout Output) {
    let figures = RateFigures(of: instrument, ledger)
    output.publish(
      RiskRateChanged(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id, interval: figures.interval,
        initialRate: figures.rates.initialVolatility, maintenanceRate: figures.rates.maintenanceVolatility,
        openInterestRate: figures.rates.openInterest, target: figures.target, initialIn1: figures.in1.initial,
        initialIn10: figures.in10.initial, initialIn60: figures.in60.initial, maintenanceIn1: figures.in1.maintenance,
        maintenanceIn10: figures.in10.maintenance, maintenanceIn60: figures.in60.maintenance,
        openInterestIn1: figures.in1.openInterest, openInterestIn10: figures.in10.openInterest,
        openInterestIn60: figures.in60.openInterest))
  }
}

/// What is said about an instrument's rates: on the risk feed and in answers.
struct RateFigures {
  /// Milliseconds; 0: the rates are fixed.
  let interval: UInt32
  let rates: RatesInForce
  let target: Rate
  let in1: RampGuarantee
  let in10: RampGuarantee
  let in60: RampGuarantee

  init(of instrument: UInt32, _ ledger: borrowing Ledger) {
    rates = ledger.instruments[instrument].rates
    let slot = ledger.instruments[instrument].volatility
    guard slot != 0 else {
      let fixed = RampGuarantee(
        initial: rates.initialVolatility, maintenance: rates.maintenanceVolatility, openInterest: rates.openInterest)
      (interval, target, in1, in10, in60) = (0, rates.initialVolatility, fixed, fixed, fixed)
      return
    }
    let state = ledger.volatilities[slot].state
    let ratio = ledger.instruments[instrument].parameters.volatilityRatio
    interval = UInt32(state.parameters.interval / 1_000_000)
    target = state.target
    in1 = state.guarantee(1, ratio: ratio)
    in10 = state.guarantee(10, ratio: ratio)
    in60 = state.guarantee(60, ratio: ratio)
  }
}

extension VolatilityParameters {
  init(_ message: SetVolatilityParameters) {
    self.init()
    interval = Int64(message.interval) * 1_000_000
    decay = message.decay
    quantile = message.quantile
    horizon = message.horizon
    floor = message.floor
    stress = message.stress
    up = message.up
    down = message.down
    notice = message.notice
    maintenanceShare = message.maintenanceShare
    cap = message.cap
    lowerOpenInterest = message.lowerOpenInterest.wireValue
    upperOpenInterest = message.upperOpenInterest.wireValue
  }
}

extension VolatilityParameters.Fault {
  /// The field that a reject names.
  var field: Int64 {
    typealias Field = SetVolatilityParameters.Field
    return switch self {
    case .interval: Field.interval
    case .decay: Field.decay
    case .quantile: Field.quantile
    case .horizon: Field.horizon
    case .floor: Field.floor
    case .stress: Field.stress
    case .up: Field.up
    case .down: Field.down
    case .notice: Field.notice
    case .maintenanceShare: Field.maintenanceShare
    case .cap: Field.cap
    case .lowerOpenInterest: Field.lowerOpenInterest
    case .upperOpenInterest: Field.upperOpenInterest
    }
  }
}
