import Margin
import Matching
import Values
import Wire

// The liquidation of one account, one step per round: Protocol/rules.md §10.2.

extension Kernel {
  /// One step of the first account that is due.
  mutating func step(units: inout Int, output: inout Output) {
    units -= 1
    let account = desk.due.first
    if account == desk.fund {
      _ = dequeueDue()
      stepOfFund(units: &units, output: &output)
      return
    }
    guard cancelOrders(of: account, units: &units, output: &output) else { return }
    _ = dequeueDue()
    if leaveLiquidation(account, output: &output) { return }
    if isStalled(account) {
      let timeout = desk.parameters.staleTimeout
      if timeout > 0 && time >= ledger.accounts[account].stalledSince.adding(milliseconds: timeout) {
        takeOverAccount(account, units: &units, output: &output)
      }
    } else if isBeyondRescue(account) || !reduce(account, units: &units, output: &output) {
      takeOver(account, units: &units, output: &output)
    }
    if !leaveLiquidation(account, output: &output) { enqueue(account, in: 2) }
  }

  /// Cancels the account's orders. False: the units are used up before the last one.
  private mutating func cancelOrders(of account: UInt32, units: inout Int, output: inout Output) -> Bool {
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      while case let slot = ledger.positions[position].firstOrder, slot != 0 {
        if units <= 0 { return false }
        units -= 1
        cancelResting(slot, reason: .liquidation, venueCommand, output: &output)
      }
      position = ledger.positions[position].next
    }
    while case let slot = firstHeld(of: account), slot != 0 {
      if units <= 0 { return false }
      units -= 1
      dropHeld(slot, reason: .liquidation, venueCommand, output: &output)
    }
    return true
  }

  /// Whether a market that the account holds a position in stands still, or its figures rest on a price that may be
  /// wrong: then nothing is closed. Remembers since when.
  private mutating func isStalled(_ account: UInt32) -> Bool {
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero && standsStill(ledger.positions[position].instrument) {
        if ledger.accounts[account].stalledSince == Timestamp(0) { ledger.accounts[account].stalledSince = time }
        return true
      }
      position = ledger.positions[position].next
    }
    if !ledger.admitsLiquidation(account: account) {
      if ledger.accounts[account].stalledSince == Timestamp(0) { ledger.accounts[account].stalledSince = time }
      return true
    }
    ledger.accounts[account].stalledSince = Timestamp(0)
    return false
  }

  /// Whether positions of the instrument must not be liquidated now: it is halted, or its mark rests on an index that may be
  /// wrong. Those of an expired one turn into money by themselves,
  /// account by account: none may change hands meanwhile.
  func standsStill(_ instrument: UInt32) -> Bool {
    ledger.instruments[instrument].phase == .halted || ledger.instruments[instrument].isExpired
      || !ledger.instruments[instrument].oracleGuard.admitsLiquidation
  }

  /// Equity below the takeover level, or too many rounds that brought nothing.
  private mutating func isBeyondRescue(_ account: UInt32) -> Bool {
    ledger.accounts[account].fruitlessRounds >= desk.parameters.attempts
      || !ledger.currentMargin(of: account).covers(desk.parameters.takeover)
  }

  /// What a step would close, and what it is worth.
  struct Candidate {
    var position: UInt32 = 0
    var lots: Int64 = 0
    /// Portfolio mode: the position on the other side that is closed along with it; 0: none.
    var partner: UInt32 = 0
    var partnerLots: Int64 = 0
    var reachesTarget = false
    /// Of a candidate that reaches the target: value closed, the less the better; else rise of the cushion.
    var value = Money.zero
    var gain = Money.zero
  }

  /// Closes a part of one position, or of two opposite ones, through the book. False: there is something to trade with, but nothing that is closed
  /// raises the cushion.
  private mutating func reduce(_ account: UInt32, units: inout Int, output: inout Output) -> Bool {
    let before = ledger.currentMargin(of: account)
    var best = Candidate()
    var hasMarket = false
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      if ledger.positions[position].quantity != .zero {
        units -= 1
        consider(position, before, &best, &hasMarket, units: &units)
      }
      position = ledger.positions[position].next
    }
    if ledger.accounts[account].mode == .portfolio && !best.reachesTarget {
      considerPairs(of: account, before, &best, units: &units)
    }
    if best.lots > 0 {
      close(best.position, best.lots, units: &units, output: &output)
      if best.partner != 0 { close(best.partner, best.partnerLots, units: &units, output: &output) }
    } else if hasMarket {
      return false
    }
    if ledger.currentMargin(of: account).cushion > before.cushion {
      ledger.accounts[account].fruitlessRounds = 0
    } else {
      ledger.accounts[account].fruitlessRounds += 1
    }
    return true
  }

  private mutating func close(_ position: UInt32, _ lots: Int64, units: inout Int, output: inout Output) {
    let filled = sendOrder(position: position, lots: Quantity(lots), units: &units, output: &output)
    payPenalty(filled, position: position, output: &output)
  }

  /// Tries parts of a position at the worst price they may be closed at.
  private mutating func consider(
    _ position: UInt32, _ before: AccountMargin, _ best: inout Candidate, _ hasMarket: inout Bool,
    units: inout Int
  ) {
    let instrument = ledger.positions[position].instrument
    let most = mostLots(of: position)
    if most > 0 { hasMarket = true }
    for lots in LiquidationSizes(of: ledger.positions[position].quantity.magnitude.rawValue, atMost: most) {
      units -= 1
      let value = ledger.instruments[instrument].value(Quantity(lots), at: ledger.instruments[instrument].mark)
      if weigh(Candidate(position: position, lots: lots, value: value), before, &best) { return }
    }
  }

  /// Lots of a position that can be closed at once: what rests inside the limit, at most an order.
  func mostLots(of position: UInt32) -> Int64 {
    let instrument = ledger.positions[position].instrument
    guard ledger.instruments[instrument].phase == .continuous else { return 0 }
    let side: Side = ledger.positions[position].quantity > .zero ? .sell : .buy
    let limit = liquidationLimit(side, instrument: instrument)
    return min(depth(side, to: limit, instrument: instrument), ledger.instruments[instrument].maximumOrder.rawValue)
  }

  /// Takes a candidate for the best so far if it raises the cushion and is better: it reaches the target with less value
  /// closed, or raises the cushion more. True: it reaches the target, so no larger part needs to be tried.
  mutating func weigh(_ candidate: Candidate, _ before: AccountMargin, _ best: inout Candidate) -> Bool {
    let after = marginAfterClosing(candidate)
    let gain = after.cushion - before.cushion
    guard gain > .zero else { return false }
    let reaches = after.covers(desk.parameters.target)
    let isBetter =
      best.lots == 0 || (reaches && !best.reachesTarget)
      || (reaches == best.reachesTarget && (reaches ? candidate.value < best.value : gain > best.gain))
    if isBetter {
      best = candidate
      best.reachesTarget = reaches
      best.gain = gain
    }
    return reaches
  }

  /// The worst price of an order that the venue sends: the mark less (plus) the maximum slippage, inside the price band;
  /// for an option the price band itself.
  func liquidationLimit(_ side: Side, instrument: UInt32) -> Price {
    let band = ledger.instruments[instrument].priceBand
    let isOption = ledger.instruments[instrument].kind == .option
    let slippage = isOption ? band : min(ledger.instruments[instrument].parameters.maximumSlippage, .one)
    let rate = band > .zero ? min(band, slippage) : slippage
    let mark = ledger.instruments[instrument].mark.rawValue
    let width = Int64(rate.roundedDown(of: Money(mark)).rawValue)
    if side == .sell { return Price(mark - width) }
    return Price(min(mark + width, ledger.instruments[instrument].maximumPrice.rawValue))
  }

  /// Lots that rest at `limit` or better, of as many orders as one step may fill.
  private func depth(_ side: Side, to limit: Price, instrument: UInt32) -> Int64 {
    let book = ledger.instruments[instrument].book
    var slot = books.best(side.opposite, in: book)
    var lots: Int64 = 0
    for _ in 0..<Limits.fillsPerLiquidation where slot != 0 {
      guard side.crosses(limit: limit, resting: books[slot].price) else { break }
      if gatingReason(of: slot) == nil { lots = min(Limits.quantity, lots + books[slot].open.rawValue) }
      slot = books.next(after: slot, in: book)
    }
    return lots
  }

  /// The account's figures if a candidate were closed at the worst prices it may be closed at, fees and penalties paid.
  mutating func marginAfterClosing(_ candidate: Candidate) -> AccountMargin {
    let account = ledger.positions[candidate.position].account
    let trial = ledger.beginTrial(on: candidate.position)
    closeAtLimit(candidate.position, candidate.lots)
    var after = AccountMargin()
    if candidate.partner == 0 {
      after = ledger.currentMargin(of: account)
    } else {
      let second = ledger.beginTrial(on: candidate.partner)
      closeAtLimit(candidate.partner, candidate.partnerLots)
      after = ledger.currentMargin(of: account)
      ledger.undo(second, on: candidate.partner)
    }
    ledger.undo(trial, on: candidate.position)
    ledger.touch(account)
    chargePenalty(on: candidate.lots, of: candidate.position, to: &after)
    if candidate.partner != 0 { chargePenalty(on: candidate.partnerLots, of: candidate.partner, to: &after) }
    return after
  }

  /// Closes lots of a position under trial at its limit, with the taker's fee.
  private mutating func closeAtLimit(_ position: UInt32, _ lots: Int64) {
    let account = ledger.positions[position].account
    let instrument = ledger.positions[position].instrument
    let side: Side = ledger.positions[position].quantity > .zero ? .sell : .buy
    let price = liquidationLimit(side, instrument: instrument)
    let fee = ledger.takerFee(of: account, in: instrument).roundedUp(
      of: ledger.instruments[instrument].value(Quantity(lots), at: price))
    ledger.execute(side, lots: Quantity(lots), price: price, fee: fee, in: position)
  }

  private func chargePenalty(on lots: Int64, of position: UInt32, to margin: inout AccountMargin) {
    let penalty = penalty(
      on: Quantity(lots), instrument: ledger.positions[position].instrument, equityAfter: margin.equity)
    margin.equity -= penalty
    margin.initialEquity -= penalty
  }

  private func penalty(on lots: Quantity, instrument: UInt32, equityAfter: Money) -> Money {
    liquidationPenalty(
      on: ledger.instruments[instrument].value(lots, at: ledger.instruments[instrument].mark),
      rate: ledger.instruments[instrument].parameters.liquidationFee, equityAfter: equityAfter)
  }

  /// Sends an immediate-or-cancel order that closes `lots` of a position, as the venue; returns the lots filled.
  mutating func sendOrder(
    position: UInt32, lots: Quantity, units: inout Int, output: inout Output
  ) -> Quantity {
    let instrument = ledger.positions[position].instrument
    let side: Side = ledger.positions[position].quantity > .zero ? .sell : .buy
    let order = Order(
      name: OrderName(key: .venue, requestId: 0), id: sequence, entry: sequence,
      instrument: ledger.instruments[instrument].id, position: position, account: ledger.positions[position].account,
      side: side, price: liquidationLimit(side, instrument: instrument), open: lots, display: .zero,
      timeInForce: .immediateOrCancel, flags: [], prevention: .allow)
    var entering = makeEntering(order, instrument: instrument, freeBefore: .zero)
    ledger.addOpen(entering.openLots, to: position)
    let trade = trades
    run(&entering, venueCommand, output: &output)
    units -= Int(trades - trade)
    return entering.order.filled
  }

  /// The penalty for lots that were closed goes to the insurance fund.
  private mutating func payPenalty(_ lots: Quantity, position: UInt32, output: inout Output) {
    let account = ledger.positions[position].account
    let penalty = penalty(
      on: lots, instrument: ledger.positions[position].instrument,
      equityAfter: ledger.currentMargin(of: account).equity)
    guard penalty > .zero else { return }
    ledger.transferIn(-penalty, account: account, asset: 0)
    ledger.transferIn(penalty, account: desk.fund, asset: 0)
    desk.totals.penalties += penalty
    reportStep(.penalty, account, position: position, value: penalty, output: &output)
  }

  // MARK: Reports

  /// Tells the owners of an account what was done with it.
  mutating func reportStep(
    _ action: LiquidationAction, _ account: UInt32, position: UInt32, price: Price? = nil, lots: Quantity = .zero,
    value: Money, fee: Money = .zero, tradeId: UInt64 = 0, quintile: UInt8 = 0, output: inout Output
  ) {
    let instrument = position == 0 ? .none : ledger.instruments[ledger.positions[position].instrument].id
    let held = position == 0 ? .zero : ledger.positions[position].quantity
    let margin = ledger.currentMargin(of: account)
    let (sequence, time, id) = (sequence, time, ledger.accounts[account].id)
    reportToOwners(of: account, venueCommand, output: &output) { head in
      LiquidationStep(
        reportNumber: head.reportNumber, requestId: head.requestId, sequence: sequence, time: time, account: id,
        instrument: instrument, price: price, quantity: lots, value: value, fee: fee, tradeId: tradeId, position: held,
        action: action, quintile: quintile, margin: margin)
    }
  }

  /// Tells everybody, without a name. `change` is that of the account's position.
  func publishStep(
    _ action: LiquidationAction, instrument: UInt32, change: Quantity, price: Price? = nil, value: Money,
    tradeId: UInt64 = 0, output: inout Output
  ) {
    output.publish(
      LiquidationEvent(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id, action: action,
        side: change < .zero ? .sell : .buy, price: price, quantity: change.magnitude, value: value, tradeId: tradeId))
  }

  /// A fill of an order that the venue sent.
  mutating func reportVenueFill(
    _ order: Order, lots: Quantity, price: Price, value: Money, fee: Money, output: inout Output
  ) {
    let action: LiquidationAction = order.account == desk.fund ? .unwound : .orderFilled
    let change = order.side == .buy ? lots : -lots
    reportStep(
      action, order.account, position: order.position, price: price, lots: change, value: value, fee: fee,
      tradeId: trades, output: &output)
    publishStep(
      action, instrument: ledger.positions[order.position].instrument, change: change, price: price, value: value,
      tradeId: trades, output: &output)
  }
}
