import Margin
import Values
import Wire

// Options: definition, parameters, implied volatilities and marks. Protocol/rules.md §2 and §4.

extension Kernel {
  mutating func defineOption(_ message: DefineOption, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = DefineOption.Field
    guard let type = message.optionType else { throw .invalid(Field.optionType) }
    // Fields that both messages have carry the same ids, so a refusal names the field of either.
    let definition = DefineInstrument(
      requestId: message.requestId, instrument: message.instrument, kind: .perpetual, base: message.base,
      quote: .settlement, symbol: message.symbol, priceUnit: message.priceUnit, lotSize: message.lotSize,
      maximumPrice: message.maximumPrice, priceBand: message.priceBand, maximumOrder: message.maximumOrder,
      positionLimit: message.positionLimit, makerFee: message.makerFee, takerFee: message.takerFee)
    var instrument = try instrument(from: definition, kind: .option)
    instrument.expiry = try expiry(
      at: message.expiry, window: message.settlementWindow, interval: message.settlementInterval,
      fields: (Field.expiry, Field.settlementWindow, Field.settlementInterval))
    try require((1...Limits.price).contains(message.strike.rawValue), Reject(.parameterOutOfRange, Field.strike))
    instrument.option.strike = message.strike
    instrument.option.isCall = type == .call
    if type == .put {
      try require(message.maximumPrice <= message.strike, Reject(.parameterOutOfRange, Field.maximumPrice))
      // A put never pays more than its strike: that is its cap when no lower one is named.
      if !instrument.hasPriceCap { instrument.maximumPrice = message.strike }
      instrument.hasPriceCap = true
    }
    addInstrument(instrument)
    acceptRequest(command, output: &output)
  }

  mutating func setOptionParameters(
    _ message: SetOptionParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetOptionParameters.Field
    let instrument = try findOption(message.instrument, field: Field.instrument)
    func checked(_ rate: Rate, upTo highest: Rate, _ field: Int64) throws(Reject) -> Rate {
      try require((Rate.zero...highest).contains(rate), Reject(.parameterOutOfRange, field))
      return rate
    }
    try require(
      (1_000...86_400_000).contains(message.repricingInterval),
      Reject(.parameterOutOfRange, Field.repricingInterval))
    var parameters = OptionParameters()
    parameters.repricingInterval = Int64(message.repricingInterval) * 1_000_000
    parameters.maximumRate = try checked(message.maximumRate, upTo: .maximum, Field.maximumRate)
    parameters.minimumRate = try checked(message.minimumRate, upTo: .maximum, Field.minimumRate)
    parameters.maintenanceRate = try checked(message.maintenanceRate, upTo: .maximum, Field.maintenanceRate)
    parameters.repricingMove = try checked(message.repricingMove, upTo: .one, Field.repricingMove)
    try require(parameters.minimumRate >= parameters.maintenanceRate, Reject(.initialBelowMaintenance))
    try require(
      parameters.maximumRate >= parameters.minimumRate, Reject(.parameterOutOfRange, Field.maximumRate))
    ledger.setOptionParameters(of: instrument, to: parameters)
    ledger.instruments[instrument].option.nextRepricing = Timestamp(time.rawValue + parameters.repricingInterval)
    ledger.reprice(instrument, at: time)
    armRepricing(of: instrument)
    recomputeNextDue()
    acceptRequest(command, output: &output)
  }

  mutating func setImpliedVolatility(
    _ message: SetImpliedVolatility, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetImpliedVolatility.Field
    if message.instrument != .none {
      try require(message.asset == .settlement, .invalid(Field.asset))
      let instrument = try findOption(message.instrument, field: Field.instrument)
      try checkVolatility(message.volatility)
      ledger.instruments[instrument].option.ownVolatility = message.volatility
      applyVolatility(to: instrument, output: &output)
      acceptRequest(command, value: 1, output: &output)
      return
    }
    try require(message.asset != .settlement, .invalid(Field.asset))
    let asset = ledger.find(message.asset)
    try require(asset != 0, Reject(.unknownAsset))
    try checkVolatility(message.volatility)
    ledger.assets[asset].flatVolatility = message.volatility
    var changed: Int64 = 0
    var option = ledger.assets[asset].firstOption
    while option != 0 {
      if !ledger.instruments[option].isExpired {
        ledger.instruments[option].option.ownVolatility = .zero
        applyVolatility(to: option, output: &output)
        changed += 1
      }
      option = ledger.instruments[option].nextOption
    }
    acceptRequest(command, value: changed, output: &output)
  }

  private func checkVolatility(_ volatility: Rate) throws(Reject) {
    try require(
      volatility > .zero && volatility <= .maximum,
      Reject(.parameterOutOfRange, SetImpliedVolatility.Field.volatility))
  }

  /// The slot of an option that has not expired.
  private func findOption(_ id: InstrumentId, field: Int64) throws(Reject) -> UInt32 {
    let instrument = ledger.find(id)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind == .option, .invalid(field))
    try require(!ledger.instruments[instrument].isExpired, Reject(.instrumentExpired))
    return instrument
  }

  /// Prices an option with the volatility now in force, and tells of that.
  private mutating func applyVolatility(to instrument: UInt32, output: inout Output) {
    ledger.reprice(instrument, at: time)
    let record = ledger.instruments[instrument]
    output.publish(
      ImpliedVolatilityChanged(
        feedSequence: 0, time: time, instrument: record.id, volatility: ledger.impliedVolatility(of: instrument),
        mark: record.hasMark ? record.mark : nil, underlying: record.hasMark ? record.option.underlying : nil))
  }

  // MARK: Marks that move by themselves

  /// The index price of an asset has changed: its options whose underlying has moved far enough are priced anew.
  /// O(options on the asset).
  mutating func repriceOptions(on asset: UInt32) {
    var option = ledger.assets[asset].firstOption
    while option != 0 {
      if ledger.isRepricingDue(option) { ledger.reprice(option, at: time) }
      option = ledger.instruments[option].nextOption
    }
  }

  /// Time decay: an option is priced anew, and once more an interval later. Intervals that were missed are not made up
  /// for.
  mutating func repriceOnTime(_ instrument: UInt32) {
    ledger.reprice(instrument, at: time)
    let interval = ledger.instruments[instrument].option.parameters.repricingInterval
    let regular = ledger.instruments[instrument].option.nextRepricing.rawValue + interval
    let next = regular > time.rawValue ? regular : time.rawValue + interval
    ledger.instruments[instrument].option.nextRepricing = Timestamp(next)
    armRepricing(of: instrument)
  }

  /// Sets the timer of an option's next pricing; an expired one has none.
  mutating func armRepricing(of instrument: UInt32) {
    if ledger.instruments[instrument].isExpired { ledger.instruments[instrument].option.nextRepricing = .never }
    timers.set(.repricing, instrument, at: ledger.instruments[instrument].option.nextRepricing)
  }
}
