import Values

extension Ledger {
  /// Implied volatility that an option is priced with: its own, else its underlying's; zero: none is known.
  public func impliedVolatility(of instrument: UInt32) -> Rate {
    let own = instruments[instrument].option.ownVolatility
    return own > .zero ? own : assets[instruments[instrument].baseAsset].flatVolatility
  }

  /// The model of an option with the underlying and volatility behind its mark, at `time`; `nil` while it has no mark.
  public func model(of instrument: UInt32, at time: Timestamp) -> OptionModel? {
    let option = instruments[instrument].option
    guard option.volatility > .zero else { return nil }
    return model(of: instrument, forward: option.underlying, volatility: option.volatility, at: time)
  }

  private func model(of instrument: UInt32, forward: Price, volatility: Rate, at time: Timestamp) -> OptionModel {
    let record = instruments[instrument]
    let samples = record.expiry.samples
    let sampled = min(record.expiry.average.count, samples)
    let fixed =
      sampled == 0
      ? 0 : index(of: instrument, sum: record.expiry.average.sum, count: samples).rawValue
    return OptionModel(
      terms: OptionTerms(strike: Double(record.option.strike.rawValue), isCall: record.option.isCall),
      fixed: Double(fixed), variable: Double(max(0, forward.rawValue - fixed)),
      share: sampled == 0 ? 1 : Double(samples - sampled) / Double(samples),
      years: record.expiry.time.years(since: time), volatility: Double(volatility.rawValue) / 1_000_000_000,
      cap: Double(record.maximumPrice.rawValue))
  }

  private func mayBePriced(_ instrument: UInt32) -> Bool {
    instruments[instrument].hasParameters && !instruments[instrument].isExpired
  }

  /// Whether the underlying has moved far enough from the one behind the mark, or there is no mark although there could
  /// be one.
  public func isRepricingDue(_ instrument: UInt32) -> Bool {
    guard mayBePriced(instrument), let forward = forwardIndex(of: instrument) else { return false }
    let option = instruments[instrument].option
    if option.volatility == .zero { return impliedVolatility(of: instrument) > .zero }
    let move = Int128((forward.rawValue - option.underlying.rawValue).magnitude) * 1_000_000_000
    return move > Int128(option.underlying.rawValue) * Int128(option.parameters.repricingMove.rawValue)
      || (option.parameters.repricingMove == .zero && move > 0)
  }

  /// Finds the mark of an option anew: Black-76 to the nearest price unit, at least one. Holders become stale. False
  /// when the underlying has no price or no volatility is known; O(1).
  @discardableResult public mutating func reprice(_ instrument: UInt32, at time: Timestamp) -> Bool {
    let volatility = impliedVolatility(of: instrument)
    guard mayBePriced(instrument), volatility > .zero, let forward = forwardIndex(of: instrument) else { return false }
    let value = model(of: instrument, forward: forward, volatility: volatility, at: time).value()
    instruments[instrument].option.volatility = volatility
    instruments[instrument].option.underlying = forward
    instruments[instrument].option.pricedAt = time
    let mark = mark(worth: value, of: instrument)
    if tracksMarks && mark != instruments[instrument].mark { movedMarks.insert(instrument) }
    instruments[instrument].mark = mark
    instruments[instrument].epoch += 1
    epoch += 1
    noteMove(ofInstrument: instrument)
    return true
  }

  /// The mark that an option's model gives; what the auditor compares.
  public func modelMark(of instrument: UInt32) -> Price? {
    guard let model = model(of: instrument, at: instruments[instrument].option.pricedAt) else { return nil }
    return mark(worth: model.value(), of: instrument)
  }

  /// The mark that an option's model would give with another underlying price behind it.
  public func modelMark(of instrument: UInt32, forward: Price) -> Price? {
    let option = instruments[instrument].option
    guard option.volatility > .zero else { return nil }
    let model = model(of: instrument, forward: forward, volatility: option.volatility, at: option.pricedAt)
    return mark(worth: model.value(), of: instrument)
  }

  private func mark(worth value: Double, of instrument: UInt32) -> Price {
    Price(min(instruments[instrument].maximumPrice.rawValue, max(1, Quantised.nearest(value))))
  }
}
