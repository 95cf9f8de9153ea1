import Margin
import Values

// The durable state of liquidation and bands: Protocol/files.md. Bands are durable because they decide which account is
// looked at first; the ladders they stand on are made again from the list of them.

extension Kernel {
  borrowing func writeDesk(to sink: inout StateChunk) {
    sink.put(desk.fund)
    let parameters = desk.parameters
    for rate in [
      parameters.firstCall, parameters.secondCall, parameters.hysteresis, parameters.target, parameters.takeover,
    ] { sink.put(rate.rawValue) }
    sink.put(parameters.interval)
    sink.put(parameters.staleTimeout)
    sink.put(parameters.attempts)
    sink.put(ledger.needsSweep)
    sink.put(desk.sweepNext)
    sink.put(desk.sweepLeft)
    sink.put(desk.nextRound.rawValue)
    write(desk.due, to: &sink)
    write(desk.waiting, to: &sink)
    sink.put(desk.unwindFrom)
    sink.put(desk.fundRests)
    for amount in [desk.totals.contributed, desk.totals.penalties, desk.totals.lossShared] { sink.put(amount) }
    sink.put(desk.totals.takeovers)
    sink.put(desk.totals.deleveragings)
    let work = desk.deleveraging
    sink.put(work.phase.rawValue)
    sink.put(work.isSecondPass)
    sink.put(work.hasTraded)
    for number in [work.instrument, work.cursor, work.ranked, work.chosenCount] { sink.put(number) }
    for index in 0..<Int(work.chosenCount) { sink.put(work.chosen[index]) }
    for amount in [work.profits, work.missing, work.paid] { sink.put(amount) }
  }

  private borrowing func write(_ queue: AccountQueue, to sink: inout StateChunk) {
    sink.put(queue.count)
    var account = queue.first
    while account != 0 {
      sink.put(account)
      account = ledger.accounts[account].nextInQueue
    }
  }

  /// Every ladder's triggers in the order in which they would be popped.
  borrowing func writeTriggers(to sink: inout StateChunk) {
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      for number in 0..<InstrumentLadder.count {
        writeTriggers(on: Ledger.ladder(InstrumentLadder(rawValue: number)!, of: slot), to: &sink)
      }
    }
    for slot in 1..<UInt32(ledger.assets.count + 1) {
      for falls in [true, false] { writeTriggers(on: ledger.priceLadder(slot, falls: falls), to: &sink) }
    }
    sink.put(ledger.uncheckedAreDue)
    sink.put(UInt32(ledger.uncheckedAccounts.count))
    var account = ledger.uncheckedAccounts.first()
    while account != 0 {
      sink.put(account)
      account = ledger.uncheckedAccounts.first(from: account + 1)
    }
  }

  private borrowing func writeTriggers(on ladder: UInt32, to sink: inout StateChunk) {
    sink.put(UInt32(ledger.triggers.count(on: ladder)))
    ledger.forEachTrigger(on: ladder) { account, instrument, factor, threshold in
      sink.put(account)
      sink.put(instrument)
      sink.put(factor)
      sink.put(threshold)
    }
  }

  // MARK: Reading

  mutating func readDesk(from reader: inout StateReader) throws(StateError) {
    desk.fund = try reader.get()
    desk.parameters.firstCall = try reader.rate()
    desk.parameters.secondCall = try reader.rate()
    desk.parameters.hysteresis = try reader.rate()
    desk.parameters.target = try reader.rate()
    desk.parameters.takeover = try reader.rate()
    desk.parameters.interval = try reader.get()
    desk.parameters.staleTimeout = try reader.get()
    desk.parameters.attempts = try reader.get()
    ledger.needsSweep = try reader.flag("sweep")
    desk.sweepNext = try reader.get()
    desk.sweepLeft = try reader.get()
    let nextRound = Timestamp(try reader.get())
    let accounts = UInt32(ledger.accounts.count)
    let parameters = desk.parameters
    let rates = Rate.zero...Rate.one
    guard desk.fund <= accounts, rates.contains(parameters.firstCall), rates.contains(parameters.secondCall),
      rates.contains(parameters.hysteresis), parameters.hysteresis < parameters.firstCall,
      (Rate.one...Rate.maximum).contains(parameters.target), rates.contains(parameters.takeover),
      (1...3_600_000).contains(parameters.interval), parameters.attempts >= 1, desk.sweepNext >= 1,
      desk.sweepLeft <= accounts
    else { throw .invalid("liquidation parameters") }
    if desk.fund != 0 {
      desk.parameters.fund = ledger.accounts[desk.fund].id
      guard ledger.accounts[desk.fund].mode == .standard, ledger.accounts[desk.fund].state == .normal else {
        throw .invalid("insurance fund")
      }
    }
    try readQueue(1, from: &reader)
    try readQueue(2, from: &reader)
    guard desk.waiting.count == 0 || nextRound != .never else { throw .invalid("round of liquidation") }
    // After the queues, which would set it.
    setNextRound(at: nextRound)
    try countLiquidations()
    desk.unwindFrom = try reader.get()
    desk.fundRests = try reader.get()
    desk.totals.contributed = try reader.money()
    desk.totals.penalties = try reader.money()
    desk.totals.lossShared = try reader.money()
    desk.totals.takeovers = try reader.get()
    desk.totals.deleveragings = try reader.get()
    try readDeleveraging(from: &reader)
  }

  private mutating func readQueue(_ queue: UInt8, from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("accounts in liquidation", atMost: ledger.accounts.count)) {
      let account = try reader.get(UInt32.self)
      guard desk.fund != 0, account >= 1, account <= UInt32(ledger.accounts.count),
        ledger.accounts[account].queue == 0, account == desk.fund || isInLiquidation(account)
      else { throw .invalid("account in liquidation") }
      enqueue(account, in: queue)
    }
  }

  /// Who is in liquidation is in a queue.
  private mutating func countLiquidations() throws(StateError) {
    desk.inLiquidation = 0
    for account in 1..<UInt32(ledger.accounts.count + 1) where isInLiquidation(account) {
      guard ledger.accounts[account].queue != 0 else { throw .invalid("account in liquidation without a queue") }
      desk.inLiquidation += 1
    }
  }

  private mutating func readDeleveraging(from reader: inout StateReader) throws(StateError) {
    var work = Deleveraging()
    guard let phase = Deleveraging.Phase(rawValue: try reader.get()) else { throw .invalid("deleveraging") }
    work.phase = phase
    work.isSecondPass = try reader.flag("deleveraging")
    work.hasTraded = try reader.flag("deleveraging")
    work.instrument = try reader.get()
    work.cursor = try reader.get()
    work.ranked = try reader.get()
    let accounts = UInt32(ledger.accounts.count)
    let count = try reader.count("accounts to deleverage", atMost: Deleveraging.chosenCapacity)
    for index in 0..<count {
      work.chosen[index] = try reader.get()
      guard work.chosen[index] >= 1, work.chosen[index] <= accounts else { throw .invalid("deleveraging") }
    }
    work.chosenCount = UInt32(count)
    work.profits = try reader.money()
    work.missing = try reader.money()
    work.paid = try reader.money()
    guard work.instrument <= UInt32(ledger.instruments.count), work.cursor <= accounts + 1,
      desk.fund != 0 || phase == .idle, ![.ranking, .trading].contains(phase) || work.instrument >= 1,
      phase != .ranking || work.cursor >= 1, phase != .sharing || work.profits > .zero, work.profits >= .zero,
      work.missing >= .zero
    else { throw .invalid("deleveraging") }
    desk.deleveraging = work
  }

  mutating func readTriggers(from reader: inout StateReader) throws(StateError) {
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      for number in 0..<InstrumentLadder.count {
        let ladder = Ledger.ladder(InstrumentLadder(rawValue: number)!, of: slot)
        try readTriggers(on: ladder, asset: 0, from: &reader)
      }
    }
    for slot in 1..<UInt32(ledger.assets.count + 1) {
      for falls in [true, false] {
        try readTriggers(on: ledger.priceLadder(slot, falls: falls), asset: slot, from: &reader)
      }
    }
    ledger.noteAllMoves()
    let areDue = try reader.flag("unchecked accounts")
    var last: UInt32 = 0
    for _ in 0..<(try reader.count("unchecked accounts", atMost: ledger.accounts.count)) {
      let account = try reader.get(UInt32.self)
      guard account > last, account <= UInt32(ledger.accounts.count), ledger.accounts[account].mode == .portfolio
      else { throw .invalid("unchecked account") }
      ledger.uncheckedAccounts.insert(account)
      last = account
    }
    ledger.uncheckedAreDue = areDue
  }

  /// The triggers of one ladder; those of an asset's ladder are of balances in it.
  private mutating func readTriggers(
    on ladder: UInt32, asset: UInt32, from reader: inout StateReader
  ) throws(StateError) {
    for _ in 0..<(try reader.count("triggers", atMost: ledger.triggers.capacity)) {
      let (account, instrument) = (try reader.get(UInt32.self), try reader.get(UInt32.self))
      let factor = try reader.code("trigger", PositionTrigger.self)
      let threshold = try reader.get(Int64.self)
      guard account >= 1, account <= UInt32(ledger.accounts.count), (0...TriggerLadders.highest).contains(threshold),
        instrument <= UInt32(ledger.instruments.count), (instrument == 0) == (asset != 0),
        restore(factor, account, instrument, asset, on: ladder, threshold)
      else { throw .invalid("trigger of account row \(account)") }
    }
  }

  private mutating func restore(
    _ factor: PositionTrigger, _ account: UInt32, _ instrument: UInt32, _ asset: UInt32, on ladder: UInt32,
    _ threshold: Int64
  ) -> Bool {
    if asset != 0 {
      let balance = ledger.findBalance(account: account, asset: asset)
      return balance != 0 && ledger.restoreTrigger(ofBalance: balance, on: ladder, threshold)
    }
    let position = ledger.findPosition(account: account, instrument: instrument)
    return position != 0 && ledger.restoreTrigger(factor, of: position, on: ladder, threshold)
  }
}
