import Margin
import Values
import Wire

// Dated futures, and what happens to any instrument when it expires: Protocol/rules.md §8.

extension Kernel {
  mutating func defineFuture(_ message: DefineFuture, _ command: Command, output: inout Output) throws(Reject) {
    // Fields that both messages have carry the same ids, so a refusal names the field of either.
    let definition = DefineInstrument(
      requestId: message.requestId, instrument: message.instrument, kind: .perpetual, base: message.base,
      quote: .settlement, symbol: message.symbol, priceUnit: message.priceUnit, lotSize: message.lotSize,
      maximumPrice: message.maximumPrice, priceBand: message.priceBand, maximumOrder: message.maximumOrder,
      positionLimit: message.positionLimit, makerFee: message.makerFee, takerFee: message.takerFee)
    var instrument = try instrument(from: definition, kind: .future)
    typealias Field = DefineFuture.Field
    instrument.expiry = try expiry(
      at: message.expiry, window: message.settlementWindow, interval: message.settlementInterval,
      fields: (Field.expiry, Field.settlementWindow, Field.settlementInterval))
    addInstrument(instrument)
    acceptRequest(command, output: &output)
  }

  /// Checks an expiry and the window before it, in milliseconds; `fields` are the ids that a refusal names.
  func expiry(
    at due: Timestamp, window: UInt32, interval: UInt32, fields: (expiry: Int64, window: Int64, interval: Int64)
  ) throws(Reject) -> Expiry {
    try require(due > time && due.rawValue <= 1 << 62, Reject(.parameterOutOfRange, fields.expiry))
    try require((1...86_400_000).contains(window), Reject(.parameterOutOfRange, fields.window))
    try require(
      interval >= 1 && window.isMultiple(of: max(1, interval)) && Int64(window / interval) <= Expiry.mostSamples,
      Reject(.parameterOutOfRange, fields.interval))
    return Expiry(time: due, window: Int64(window) * 1_000_000, interval: Int64(interval) * 1_000_000, now: time)
  }

  /// Sets the timers that an instrument's expiry needs in its present state.
  mutating func armExpiry(of instrument: UInt32) {
    let expiry = ledger.instruments[instrument].expiry
    timers.set(.settlementSample, instrument, at: expiry.nextSample)
    timers.set(.expiry, instrument, at: ledger.instruments[instrument].isExpired ? .never : expiry.time)
    timers.set(.settlement, instrument, at: expiry.cursor == 0 ? .never : expiry.time)
    armRepricing(of: instrument)
  }

  /// Takes one sample of the index; one that has no price is left out.
  mutating func sampleSettlement(of instrument: UInt32) {
    let asset = ledger.instruments[instrument].baseAsset
    let index = ledger.assets[asset].hasPrice ? ledger.assets[asset].price : nil
    ledger.instruments[instrument].expiry.sample(index)
    // The forward of an option is what has been sampled, and the index for the rest.
    if ledger.instruments[instrument].kind == .option { ledger.reprice(instrument, at: time) }
    timers.set(.settlementSample, instrument, at: ledger.instruments[instrument].expiry.nextSample)
  }

  /// The instrument expires: nothing of it trades or needs margin any more, and its mark stands still at what it pays.
  /// Its orders are cancelled and its positions turned into money from the next unit of work on.
  mutating func expire(_ instrument: UInt32, output: inout Output) {
    let average = ledger.instruments[instrument].expiry.average
    let isOption = ledger.instruments[instrument].kind == .option
    let last = isOption ? ledger.instruments[instrument].option.underlying : ledger.instruments[instrument].mark
    let price =
      average.count == 0 ? last : ledger.index(of: instrument, sum: average.sum, count: average.count)
    change(instrument, to: .expired, output: &output)
    unmark(instrument)
    ledger.expire(instrument, at: price)
    output.publish(
      SettlementPriceSet(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id, samples: UInt32(average.count),
        price: price, openInterest: ledger.instruments[instrument].openInterest))
    armExpiry(of: instrument)
  }

  /// Accounts without a position that one unit of work passes.
  private static var accountsPerUnit: Int { 64 }

  /// One unit of a settlement: an order is cancelled, or the next holder's position is turned into money, or 64 accounts
  /// with neither are passed.
  ///
  /// No list of an instrument's holders is kept: a settlement costs accounts/64 + orders + holders units, once in its
  /// life, and fills cost nothing for it.
  mutating func settleNext(of instrument: UInt32, output: inout Output) {
    let reason: CancelReason =
      ledger.instruments[instrument].listing == .delisted ? .instrumentDelisted : .instrumentExpired
    var account = ledger.instruments[instrument].expiry.cursor
    for _ in 0..<Self.accountsPerUnit where account != 0 {
      let position = ledger.findPosition(account: account, instrument: instrument)
      if position != 0, ledger.positions[position].firstOrder != 0 {
        cancelResting(
          ledger.positions[position].firstOrder, reason: reason, venueCommand, output: &output)
        break
      }
      let waiting = firstHeld(of: account, in: ledger.instruments[instrument].id)
      if waiting != 0 {
        dropHeld(waiting, reason: reason, venueCommand, output: &output)
        break
      }
      account = Int(account) < ledger.accounts.count ? account + 1 : 0
      if position != 0, ledger.positions[position].quantity != .zero {
        settle(position, output: &output)
        break
      }
    }
    ledger.instruments[instrument].expiry.cursor = account
    precondition(
      account != 0 || ledger.instruments[instrument].expiry.pool == .zero, "longs and shorts pay each other exactly")
    armExpiry(of: instrument)
  }

  private mutating func settle(_ position: UInt32, output: inout Output) {
    let (account, instrument) = (ledger.positions[position].account, ledger.positions[position].instrument)
    let lots = ledger.positions[position].quantity
    ledger.touch(account)
    let funding = ledger.settleFunding(of: position)
    if funding != .zero { reportFunding(position, lots: lots, amount: funding, venueCommand, output: &output) }
    let amount = ledger.settle(position)
    let margin = ledger.currentMargin(of: account)
    let (accountId, instrumentId) = (ledger.accounts[account].id, ledger.instruments[instrument].id)
    let (number, now, price) = (sequence, time, ledger.instruments[instrument].mark)
    reportToOwners(of: account, venueCommand, output: &output) { head in
      PositionSettled(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: number, time: now, account: accountId,
        instrument: instrumentId, position: lots, price: price, amount: amount, margin: margin)
    }
    review(account, output: &output)
  }
}
