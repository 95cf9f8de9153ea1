import Margin
import Values
import Wire

// Funding of perpetuals: Protocol/rules.md, "Funding".

extension Kernel {
  mutating func setFundingParameters(
    _ message: SetFundingParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetFundingParameters.Field
    guard let isFixed = message.isFixed else { throw .invalid(Field.isFixed) }
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind == .perpetual, .invalid(Field.instrument))
    try require(!ledger.instruments[instrument].isExpired, endReason(of: instrument))
    var parameters = FundingParameters()
    parameters.interval = Int64(message.interval)
    parameters.period = Int64(message.period)
    parameters.sampling = Int64(message.sampling)
    parameters.interest = message.interest
    parameters.clamp = message.clamp
    parameters.cap = message.cap
    parameters.marginFactor = message.marginFactor
    parameters.fixed = isFixed ? message.fixedRate : nil
    if let field = Self.faultyField(in: parameters) { throw Reject(.parameterOutOfRange, field) }
    ledger.instruments[instrument].funding.set(parameters, now: time)
    armFunding(of: instrument)
    recomputeNextDue()
    acceptRequest(command, output: &output)
  }

  /// The id of the first field of SetFundingParameters that is out of range, or `nil`.
  static func faultyField(in parameters: FundingParameters) -> Int64? {
    typealias Field = SetFundingParameters.Field
    let day: Int64 = 86_400_000
    let rates = Rate.zero...Rate.one
    let isOff = parameters.interval == 0
    if !(0...day).contains(parameters.interval) { return Field.interval }
    if !(isOff ? 0...day : parameters.interval...day).contains(parameters.period) { return Field.period }
    if !(isOff ? 0...day : 1...parameters.interval).contains(parameters.sampling) { return Field.sampling }
    if !rates.contains(parameters.clamp) { return Field.clamp }
    if !rates.contains(parameters.cap) { return Field.cap }
    if parameters.interest.rawValue.magnitude > parameters.cap.rawValue.magnitude { return Field.interest }
    if !(Rate.zero...Rate.maximum).contains(parameters.marginFactor) { return Field.marginFactor }
    if let fixed = parameters.fixed, fixed.rawValue.magnitude > Rate.one.rawValue.magnitude { return Field.fixedRate }
    return nil
  }

  /// Sets the timers that a perpetual's funding needs.
  mutating func armFunding(of instrument: UInt32) {
    timers.set(.premiumSample, instrument, at: ledger.instruments[instrument].funding.nextSample)
    timers.set(.funding, instrument, at: ledger.instruments[instrument].funding.next)
  }

  /// Counts the premium of the mark over the index; while one of them is missing nothing is counted.
  mutating func samplePremium(of instrument: UInt32) {
    if ledger.instruments[instrument].hasMark, let index = ledger.index(of: instrument), index > Price(0) {
      ledger.instruments[instrument].funding.average.add(
        PremiumAverage.premium(mark: ledger.instruments[instrument].mark, index: index))
    }
    let step = ledger.instruments[instrument].funding.parameters.sampling * 1_000_000
    ledger.instruments[instrument].funding.nextSample = Timestamp(
      ledger.instruments[instrument].funding.nextSample.rawValue + step)
    armFunding(of: instrument)
  }

  /// Ends an interval of funding. Without a mark nothing can be held, and nothing is exchanged.
  mutating func exchangeFunding(of instrument: UInt32, output: inout Output) {
    let funding = ledger.instruments[instrument].funding
    let next = Timestamp(funding.next.rawValue + funding.parameters.interval * 1_000_000)
    ledger.instruments[instrument].funding.next = next
    armFunding(of: instrument)
    let mark = ledger.instruments[instrument].mark
    let index = ledger.index(of: instrument) ?? mark
    let price = index > Price(0) ? index : mark
    guard price > Price(0) else { return }
    let premium = funding.average.mean
    let rate = funding.parameters.rate(premium: premium, marginGap: ledger.marginGap(of: instrument))
    ledger.exchangeFunding(of: instrument, at: rate, price: price)
    let payment = -ledger.instruments[instrument].funding.index.due(Quantity(1), since: funding.index)
    output.publish(
      FundingRateChanged(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id,
        samples: UInt32(clamping: funding.average.count), rate: rate, premium: premium, price: price,
        payment: payment, next: next))
  }

  /// Pays what all positions of a touched account have coming, and reports each payment.
  mutating func settleFunding(ofAccount account: UInt32, _ command: Command, output: inout Output) {
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let lots = ledger.positions[position].quantity
      let due = ledger.settleFunding(of: position)
      if due != .zero { reportFunding(position, lots: lots, amount: due, command, output: &output) }
      position = ledger.positions[position].next
    }
  }

  /// Tells the owner of a position of `lots` that funding was paid.
  mutating func reportFunding(
    _ position: UInt32, lots: Quantity, amount: Money, _ command: Command, output: inout Output
  ) {
    let account = ledger.positions[position].account
    let (accountId, number, now) = (ledger.accounts[account].id, sequence, time)
    let instrument = ledger.instruments[ledger.positions[position].instrument].id
    reportToOwners(of: account, command, output: &output) { head in
      FundingSettled(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: number, time: now, account: accountId,
        instrument: instrument, position: lots, amount: amount)
    }
  }
}
