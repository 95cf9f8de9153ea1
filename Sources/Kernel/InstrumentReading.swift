import Margin
import Values
import Wire

// Looking at instruments from outside, for the feeds that tell of them. Changes nothing.

extension Kernel {
  /// Calls `body` with the id of every instrument, in order of definition.
  public borrowing func forEachInstrument(_ body: (InstrumentId) -> Void) {
    for slot in 1..<UInt32(ledger.instruments.count + 1) { body(ledger.instruments[slot].id) }
  }

  /// Lots held long, all accounts together; zero when there is no such instrument.
  public borrowing func openInterest(of id: InstrumentId) -> Quantity {
    let instrument = ledger.find(id)
    return instrument == 0 ? .zero : ledger.instruments[instrument].openInterest
  }

  /// Quanta of the quote asset per lot and price unit; zero when there is no such instrument.
  public borrowing func multiplier(of id: InstrumentId) -> Money {
    let instrument = ledger.find(id)
    return instrument == 0 ? .zero : Money(ledger.instruments[instrument].multiplier)
  }

  /// The definition of an instrument that must exist, as a row of the instruments feed.
  public borrowing func definition(of id: InstrumentId) -> InstrumentDefinition {
    let slot = ledger.find(id)
    precondition(slot != 0, "no such instrument")
    let instrument = ledger.instruments[slot]
    return InstrumentDefinition(
      feedSequence: 0, time: time, symbol: instrument.symbol, priceUnit: instrument.priceUnit,
      lotSize: instrument.lotSize, multiplier: Money(instrument.multiplier), maximumPrice: instrument.maximumPrice,
      priceBand: instrument.priceBand, maximumOrder: instrument.maximumOrder,
      positionLimit: instrument.positionLimit, makerFee: instrument.makerFee, takerFee: instrument.takerFee,
      expiry: instrument.expiry.isSet ? instrument.expiry.time : Timestamp(0),
      strike: instrument.kind == .option ? instrument.option.strike : nil, instrument: instrument.id,
      base: instrument.base, quote: instrument.quote, kind: instrument.kind, phase: instrument.phase,
      optionType: instrument.option.isCall ? .call : .put)
  }
}
