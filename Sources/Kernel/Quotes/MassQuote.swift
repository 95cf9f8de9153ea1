import Margin
import Matching
import Values
import Wire

/// What all entries of a mass quote have in common.
private struct QuoteTerms {
  let account: UInt32
  let flags: OrderFlags
  let prevention: SelfTradePrevention
}

/// One side of an entry, and what becomes of the account's quote on that side.
private struct QuoteSide {
  let side: Side
  let price: Price
  /// 0: the side is pulled.
  let quantity: Quantity
  let leg: UInt32
  /// The quote that stands there now; 0: none.
  var old: OrderSlot = 0
  /// It only gets smaller and keeps its place in the queue.
  var isKept = false

  /// A new order comes.
  var isNew: Bool { quantity != .zero && !isKept }
}

/// The entry's sides on their way into the book.
private struct EnteringQuote {
  var bid: Entering?
  var ask: Entering?
}

// Quotes of market makers: Protocol/rules.md, "Quotes". A quote is an ordinary order with a flag; only how it comes and
// goes is its own.

extension Kernel {
  mutating func massQuote(_ frame: Frame, _ command: inout Command, output: inout Output) throws(Reject) {
    let message = frame.decode(MassQuote.self)
    guard let isPostOnly = message.isPostOnly else { throw .invalid(MassQuote.Field.isPostOnly) }
    guard let prevention = message.selfTradePrevention else { throw .invalid(MassQuote.Field.selfTradePrevention) }
    let count = frame.rowCount(of: MassQuote.self)
    try require((1...Limits.quotesPerFrame).contains(count), Reject(.malformed, Int64(frame.bytes.count)))
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    try require(isOwn(account, command), Reject(.notYourAccount))
    try checkKillSwitches(account, command)
    try checkLiquidation(of: account)

    let terms = QuoteTerms(
      account: account, flags: isPostOnly ? [.quote, .postOnly] : .quote, prevention: prevention)
    quotes.outcomes.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let entry = frame.row(index, of: MassQuote.self)
      var outcome = QuotesAcknowledged.Row(
        bidOpen: .zero, askOpen: .zero, detail: 0, instrument: entry.instrument, reason: .malformed)
      outcome.reasonCode = 0
      do throws(Reject) {
        try quote(entry, index: UInt32(index), terms, command, output: &output)
      } catch {
        outcome.reasonCode = error.reason.rawValue
        outcome.detail = error.detail
      }
      let instrument = ledger.find(entry.instrument)
      let position = instrument == 0 ? 0 : ledger.findPosition(account: account, instrument: instrument)
      let pair = position == 0 ? QuotePair() : quotes[position]
      if pair[.buy] != 0 { outcome.bidOpen = books[pair[.buy]].open }
      if pair[.sell] != 0 { outcome.askOpen = books[pair[.sell]].open }
      quotes.outcomes.append(outcome)
    }
    let head = nextReport(for: command.key, command)
    output.append(
      QuotesAcknowledged(
        reportNumber: head.reportNumber, requestId: command.requestId, sequence: sequence, time: time,
        account: message.account, margin: ledger.currentMargin(of: account)), rows: quotes.outcomes, to: command.key)
  }

  /// One entry: both sides or, when it is refused, neither.
  private mutating func quote(
    _ entry: MassQuote.Row, index: UInt32, _ terms: QuoteTerms, _ command: Command, output: inout Output
  ) throws(Reject) {
    let account = terms.account
    let instrument = ledger.find(entry.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    let known = ledger.findPosition(account: account, instrument: instrument)
    let pair = known == 0 ? QuotePair() : quotes[known]
    var bid = QuoteSide(
      side: .buy, price: entry.bidPrice, quantity: entry.bidQuantity, leg: 2 * index + 1, old: pair[.buy])
    var ask = QuoteSide(
      side: .sell, price: entry.askPrice, quantity: entry.askQuantity, leg: 2 * index + 2, old: pair[.sell])
    if bid.quantity == .zero && ask.quantity == .zero {
      ledger.touch(account)
      for slot in [bid.old, ask.old] where slot != 0 {
        ledger.removeOpen(openLots(books[slot], instrument: instrument), from: known)
      }
      ledger.touch(account)
      for slot in [bid.old, ask.old] where slot != 0 { takeOutQuote(slot, command, output: &output) }
      return
    }
    bid.isKept = isKept(bid, command)
    ask.isKept = isKept(ask, command)
    try checkEntry(bid, ask, account: account, instrument: instrument, flags: terms.flags)

    // From here on the position's record is needed; it goes again when the entry is refused.
    let claim = ledger.claimPosition(account: account, instrument: instrument)
    // All figures of the account must be up to date when the trial begins.
    let before = ledger.currentMargin(of: account)
    let trial = ledger.beginTrial(on: claim.slot)
    var entering: EnteringQuote
    do throws(Reject) {
      entering = try enterQuote(bid, ask, terms, position: claim.slot, before: before, command)
    } catch {
      ledger.undo(trial, on: claim.slot)
      ledger.release(claim)
      throw error
    }

    // Both sides are counted; now they come into the book.
    for side in [bid, ask] where side.old != 0 {
      if side.isKept {
        reduceInBook(side.old, to: side.quantity, output: &output)
      } else {
        takeOutQuote(side.old, command, output: &output)
      }
    }
    if ledger.accounts[account].isLimited {
      accountLimits[account].count((bid.isNew ? 1 : 0) + (ask.isNew ? 1 : 0), in: second)
    }
    if entering.bid != nil { run(&entering.bid!, command, output: &output) }
    if entering.ask != nil { run(&entering.ask!, command, output: &output) }
  }

  /// Whether the account's quote on that side keeps its place in the queue.
  private func isKept(_ side: QuoteSide, _ command: Command) -> Bool {
    guard side.old != 0, side.quantity > .zero else { return false }
    let old = books[side.old]
    return old.name.key == command.key && old.price == side.price && side.quantity <= old.open
      && gatingReason(of: side.old) == nil
  }

  /// All checks of an entry but the account's bounds and margin.
  private func checkEntry(
    _ bid: QuoteSide, _ ask: QuoteSide, account: UInt32, instrument: UInt32, flags: OrderFlags
  ) throws(Reject) {
    try checkPhase(of: instrument, admitsOnlyResting: true)
    for side in [bid, ask] where side.quantity != .zero {
      try checkNumbers(
        price: side.price, quantity: side.quantity, display: .zero, mayRest: true, instrument: instrument)
    }
    if bid.quantity != .zero && ask.quantity != .zero {
      try require(bid.price < ask.price, Reject(.quoteCrossed, ask.price.rawValue))
    }
    let isolated = ledger.accounts[account].isolatedInstrument
    try require(
      !ledger.accounts[account].isIsolated || isolated == ledger.instruments[instrument].id,
      Reject(.wrongInstrument, Int64(isolated.rawValue)))
    if ledger.instruments[instrument].kind.isDerivative {
      try require(ledger.instruments[instrument].hasParameters, Reject(.noMarginParameters))
      try require(ledger.instruments[instrument].hasMark, Reject(.noMark))
      try checkRiskGroup(of: instrument, mode: ledger.accounts[account].mode)
    }
    for side in [bid, ask] where side.quantity != .zero {
      try checkPriceBand(side.price, side.side, instrument: instrument)
      if side.isKept { continue }
      try checkGuard(
        of: instrument, account: account, side: side.side, quantity: side.quantity, flags: flags,
        replacing: side.old == 0 ? .zero : books[side.old].open)
    }
    let added = (bid.isNew ? 1 : 0) + (ask.isNew ? 1 : 0)
    let removed = (bid.old != 0 && !bid.isKept ? 1 : 0) + (ask.old != 0 && !ask.isKept ? 1 : 0)
    guard added > 0 else { return }
    let open = Int(ledger.accounts[account].openOrders) - removed + added
    try require(
      open <= limits.ordersPerAccount, Reject(.tooManyOpenOrders, Int64(limits.ordersPerAccount)))
    try require(books.orderCount - removed + added <= limits.orders, Reject(.venueFull, Int64(limits.orders)))
    if let full = ledger.roomForPosition(account: account, instrument: instrument) {
      throw Reject(.venueFull, Int64(full.capacity))
    }
    if flags.contains(.postOnly) {
      try checkPostOnly(bid, beside: ask, instrument: instrument)
      try checkPostOnly(ask, beside: bid, instrument: instrument)
    }
    if ledger.accounts[account].isLimited {
      try checkAccountLimits(bid, ask, open: open, added: added, account: account, instrument: instrument)
    }
  }

  /// The account's own quote on the other side is no liquidity to take: it goes or stays with this entry.
  private func checkPostOnly(_ side: QuoteSide, beside other: QuoteSide, instrument: UInt32) throws(Reject) {
    guard side.isNew, ledger.instruments[instrument].phase == .continuous else { return }
    let book = ledger.instruments[instrument].book
    var best = books.best(side.side.opposite, in: book)
    if best != 0 && best == other.old { best = books.next(after: best, in: book) }
    guard best != 0 else { return }
    let price = books[best].price
    try require(!side.side.crosses(limit: side.price, resting: price), Reject(.postOnlyWouldCross, price.rawValue))
  }

  /// The controls of the account; the window for duplicates does not concern quotes.
  private func checkAccountLimits(
    _ bid: QuoteSide, _ ask: QuoteSide, open: Int, added: Int, account: UInt32, instrument: UInt32
  ) throws(Reject) {
    for side in [bid, ask] where side.isNew {
      try checkOrderValue(side.quantity, at: side.price, account: account, instrument: instrument)
    }
    try checkOpenOrders(open, account: account)
    try checkOrderRate(adding: added, account: account)
  }

  /// Takes the old quote out of the account's open lots and puts the new one in, both sides as one change, and checks
  /// bounds and margin. The caller takes it back when it is refused.
  private mutating func enterQuote(
    _ bid: QuoteSide, _ ask: QuoteSide, _ terms: QuoteTerms, position: UInt32, before: AccountMargin,
    _ command: Command
  ) throws(Reject) -> EnteringQuote {
    let account = terms.account
    let instrument = ledger.positions[position].instrument
    for side in [bid, ask] where side.old != 0 {
      let lots = openLots(books[side.old], instrument: instrument)
      if side.isKept {
        var smaller = books[side.old]
        smaller.open = side.quantity
        ledger.changeOpen(lots, to: openLots(smaller, instrument: instrument), in: position, keepingWorst: true)
      } else {
        ledger.removeOpen(lots, from: position)
      }
    }
    ledger.touch(account)
    // Less, or the same, is always allowed.
    guard bid.isNew || ask.isNew else { return EnteringQuote() }

    var entering = EnteringQuote()
    if bid.isNew { entering.bid = try count(bid, terms, position: position, command) }
    if ask.isNew { entering.ask = try count(ask, terms, position: position, command) }
    if let asset = ledger.unpricedDebt(of: account) { throw Reject(.noPrice, Int64(asset.rawValue)) }
    try require(before.cushion >= .zero, Reject(.belowMaintenance, before.cushion))
    let after = ledger.currentMargin(of: account)
    try require(
      AccountMargin.isAcceptable(before: before, after: after), Reject(.insufficientMargin, after.free))
    if ledger.accounts[account].firstHolding != 0 { try checkWatchLists(account, before: before, after: after) }
    if let order = entering.bid?.order ?? entering.ask?.order { try checkCovered(order) }
    if let order = entering.bid?.order { try checkGuardedSpot(order, instrument: instrument) }
    if let order = entering.ask?.order { try checkGuardedSpot(order, instrument: instrument) }
    let isGuarded = after.free < .zero
    entering.bid?.isGuarded = isGuarded
    entering.ask?.isGuarded = isGuarded
    return entering
  }

  /// Counts one side among the open lots.
  private mutating func count(
    _ side: QuoteSide, _ terms: QuoteTerms, position: UInt32, _ command: Command
  ) throws(Reject) -> Entering {
    let instrument = ledger.positions[position].instrument
    let order = Order(
      name: OrderName(key: command.key, requestId: command.requestId, leg: side.leg),
      id: Order.id(sequence: sequence, leg: side.leg), entry: sequence, instrument: ledger.instruments[instrument].id,
      position: position, account: terms.account, side: side.side, price: side.price, open: side.quantity,
      flags: terms.flags, prevention: terms.prevention)
    try checkBounds(order, instrument: instrument)
    let entering = makeEntering(order, instrument: instrument, freeBefore: .zero)
    ledger.addOpen(entering.openLots, to: position)
    try checkBalanceBounds(of: position)
    try checkPriceCap(order, instrument: instrument)
    return entering
  }

  /// A quote leaves the book by its owner's word, which the acknowledgement is about. One that a job had taken already is
  /// reported as the job would. Its open lots are settled.
  private mutating func takeOutQuote(_ slot: OrderSlot, _ command: Command, output: inout Output) {
    let order = books[slot]
    let reason = gatingReason(of: slot)
    if reason != nil && jobs.count > 0 { countGated(slot) }
    takeOut(slot, in: ledger.instruments[ledger.positions[order.position].instrument].book, output: &output)
    if let reason { reportGone(order, reason: reason, command, output: &output) }
  }
}
