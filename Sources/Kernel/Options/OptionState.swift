import Margin
import Values

// What an option adds to the canonical bytes of its instrument. Protocol/files.md gives the layout.

extension Kernel {
  borrowing func write(_ option: OptionContract, to sink: inout StateChunk) {
    sink.put(option.isCall)
    for number in [
      option.strike.rawValue, option.parameters.maximumRate.rawValue, option.parameters.minimumRate.rawValue,
      option.parameters.maintenanceRate.rawValue, option.parameters.repricingMove.rawValue,
      option.parameters.repricingInterval, option.ownVolatility.rawValue, option.volatility.rawValue,
      option.underlying.rawValue, option.pricedAt.rawValue, option.nextRepricing.rawValue,
    ] { sink.put(number) }
  }

  func readOption(from reader: inout StateReader) throws(StateError) -> OptionContract {
    var option = OptionContract()
    option.isCall = try reader.flag("option type")
    option.strike = try reader.price()
    option.parameters.maximumRate = try reader.rate()
    option.parameters.minimumRate = try reader.rate()
    option.parameters.maintenanceRate = try reader.rate()
    option.parameters.repricingMove = try reader.rate()
    option.parameters.repricingInterval = try reader.get()
    option.ownVolatility = try reader.rate()
    option.volatility = try reader.rate()
    option.underlying = try reader.price()
    option.pricedAt = Timestamp(try reader.get())
    option.nextRepricing = Timestamp(try reader.get())
    let rates = Rate.zero...Rate.maximum
    let parameters = option.parameters
    guard (1...Limits.price).contains(option.strike.rawValue), rates.contains(parameters.maximumRate),
      parameters.maximumRate >= parameters.minimumRate, parameters.minimumRate >= parameters.maintenanceRate,
      parameters.maintenanceRate >= .zero, (Rate.zero...Rate.one).contains(parameters.repricingMove),
      (0...86_400_000_000_000).contains(parameters.repricingInterval), rates.contains(option.ownVolatility),
      rates.contains(option.volatility), (0...Limits.price).contains(option.underlying.rawValue),
      (Timestamp(0)...time).contains(option.pricedAt), option.nextRepricing > Timestamp(0)
    else { throw .invalid("option") }
    return option
  }

  /// Whether an option's parameters, mark and next pricing go together. Its instrument and asset have been read.
  func isOptionSound(_ instrument: UInt32) -> Bool {
    let record = ledger.instruments[instrument]
    if record.kind != .option { return true }
    let option = record.option
    let isKept = record.hasParameters && !record.isExpired
    return record.hasParameters == (option.parameters.repricingInterval >= 1_000_000_000)
      && (option.nextRepricing != .never) == isKept && isOptionMarked(instrument)
      && (option.isCall || (record.hasPriceCap && record.maximumPrice <= option.strike))
  }
}
