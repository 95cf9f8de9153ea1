import Margin
import Matching
import Values
import Wire

extension Kernel {
  /// Matches an accepted order and lets the rest of it rest or leave: Protocol/rules.md §6.
  mutating func run(_ entering: inout Entering, _ command: Command, output: inout Output) {
    if ledger.instruments[entering.instrument].phase == .continuous {
      if let reason = sweep(&entering, command, output: &output) {
        leave(&entering, reason: reason, command, output: &output)
        return
      }
    }
    guard entering.order.open > .zero else { return }
    if entering.order.timeInForce.rests {
      settleAndRest(&entering, output: &output)
    } else {
      leave(&entering, reason: .immediateOrCancel, command, output: &output)
    }
  }

  /// What is left goes into the book; its provision is from now on that of a resting order.
  private mutating func settleAndRest(_ entering: inout Entering, output: inout Output) {
    let order = entering.order
    let resting = provision(
      order, at: order.price, rate: ledger.restingFee(of: order.account, in: entering.instrument),
      instrument: entering.instrument)
    ledger.changeProvision(by: resting - entering.provision, in: order.position)
    rest(order, until: entering.expiry, in: entering.book, output: &output)
  }

  /// What is left leaves without resting.
  private mutating func leave(
    _ entering: inout Entering, reason: CancelReason, _ command: Command, output: inout Output
  ) {
    let order = entering.order
    guard order.open > .zero else { return }
    ledger.removeOpen(entering.openLots, from: order.position)
    ledger.restoreWorst(order.side, to: entering.worstBefore, in: order.position)
    ledger.touch(order.account)
    if order.name.key != .venue { reportGone(order, reason: reason, command, output: &output) }
  }

  /// Walks the opposite side in price-time priority. Returns why the rest must be cancelled, or `nil` when nothing more
  /// crosses or nothing is left.
  private mutating func sweep(
    _ entering: inout Entering, _ command: Command, output: inout Output
  ) -> CancelReason? {
    var fills = 0
    var cancels = 0
    let isVenueOrder = entering.order.name.key == .venue
    let mostFills = isVenueOrder ? Limits.fillsPerLiquidation : Limits.fillsPerCommand
    let mostCancels = isVenueOrder ? Limits.fillsPerLiquidation : Limits.cancelsPerCommand
    while entering.order.open > .zero {
      let slot = books.best(entering.order.side.opposite, in: entering.book)
      guard slot != 0, entering.order.side.crosses(limit: entering.order.price, resting: books[slot].price) else {
        return nil
      }
      if fills == mostFills { return .matchLimit }
      switch verdict(on: books[slot], gatedBy: gatingReason(of: slot), for: entering) {
      case .fill(let lots):
        fill(slot, lots, &entering, command, output: &output)
        fills += 1
      case .cancelMaker(let reason):
        if cancels == mostCancels { return .matchLimit }
        if jobs.count > 0 { countGated(slot) }
        cancelResting(slot, reason: reason, command, output: &output)
        cancels += 1
      case .stop(let reason):
        return reason
      case .cancelBoth:
        if cancels == mostCancels { return .matchLimit }
        cancelResting(slot, reason: .selfTrade, command, output: &output)
        return .selfTrade
      case .decrement:
        if cancels == mostCancels { return .matchLimit }
        cancels += 1
        if decrement(slot, &entering, command, output: &output) { return .selfTrade }
      }
    }
    return nil
  }

  /// What happens between an entering order and the resting order it has come to.
  enum Verdict {
    case fill(Quantity)
    case cancelMaker(CancelReason)
    case stop(CancelReason)
    case cancelBoth
    /// Both lose the lots that the smaller one has open.
    case decrement
  }

  @inline(__always) mutating func verdict(
    on maker: Order, gatedBy gate: CancelReason?, for entering: Entering
  ) -> Verdict {
    if let gate { return .cancelMaker(gate) }
    if isSelfTrade(entering.order, with: maker) {
      switch entering.order.prevention {
      case .cancelNewest: return .stop(.selfTrade)
      case .cancelOldest: return .cancelMaker(.selfTrade)
      case .cancelBoth: return .cancelBoth
      case .decrement: return .decrement
      case .allow: break
      }
    }
    let taker = entering.order
    var lots = min(taker.open, maker.visible)
    if taker.flags.contains(.reduceOnly) {
      lots = min(lots, Quantity(ledger.positions[taker.position].reducible(by: taker.side)))
      if lots == .zero { return .stop(.reduceOnly) }
    }
    if maker.flags.contains(.reduceOnly) {
      lots = min(lots, Quantity(ledger.positions[maker.position].reducible(by: maker.side)))
      if lots == .zero { return .cancelMaker(.reduceOnly) }
    }
    if !isBalanceSufficient(maker) { return .cancelMaker(.makerBalance) }
    if !hasStanding(maker.account) {
      let open = openLots(maker, instrument: entering.instrument)
      if !isFillAcceptable(maker, open: open, lots: lots, at: maker.price, entering.instrument, isMaker: true) {
        return .cancelMaker(.makerMargin)
      }
    }
    if entering.isGuarded {
      let open = entering.openLots
      if !isFillAcceptable(taker, open: open, lots: lots, at: maker.price, entering.instrument, isMaker: false) {
        return .stop(.takerMargin)
      }
    }
    return .fill(lots)
  }

  /// Both orders lose the lots that the smaller one has open, without a trade. True: nothing is left of the entering one,
  /// whose lots are still counted.
  private mutating func decrement(
    _ slot: OrderSlot, _ entering: inout Entering, _ command: Command, output: inout Output
  ) -> Bool {
    let (maker, taker) = (books[slot].open, entering.order.open)
    if maker <= taker {
      cancelResting(slot, reason: .selfTrade, command, output: &output)
    } else {
      shrink(slot, to: maker - taker, output: &output)
      let order = books[slot]
      reportReplaced(order, until: expiries.expiry(of: order), keptPriority: true, command, output: &output)
    }
    if maker >= taker { return true }
    shrink(&entering, by: maker)
    reportReplaced(entering.order, until: entering.expiry, keptPriority: true, command, output: &output)
    return false
  }

  /// Takes lots out of an entering order, which keeps some.
  mutating func shrink(_ entering: inout Entering, by lots: Quantity) {
    let before = entering.openLots
    ledger.touch(entering.order.account)
    entering.order.open -= lots
    entering.provision = provision(
      entering.order, at: entering.provisionPrice,
      rate: ledger.enteringFee(of: entering.order.account, in: entering.instrument), instrument: entering.instrument)
    ledger.changeOpen(before, to: entering.openLots, in: entering.order.position, keepingWorst: true)
    ledger.touch(entering.order.account)
  }

  /// Whether the maker can deliver without borrowing, where it must: what a spot trade takes, the premium of an
  /// option. Perpetuals and futures deliver nothing.
  @inline(__always) mutating func isBalanceSufficient(_ maker: Order) -> Bool {
    if ledger.accounts[maker.account].mayBorrow { return true }
    ledger.touch(maker.account)
    let position = maker.position
    switch ledger.instruments[ledger.positions[position].instrument].kind {
    case .perpetual, .future: return true
    case .option: return maker.side == .sell || ledger.shortfall(account: maker.account, balance: 0) <= .zero
    case .spot: break
    }
    let balance =
      maker.side == .sell ? ledger.positions[position].baseBalance : ledger.positions[position].quoteBalance
    return ledger.shortfall(account: maker.account, balance: balance) <= .zero
  }

  @inline(__always) func isSelfTrade(_ taker: Order, with maker: Order) -> Bool {
    guard taker.prevention != .allow else { return false }
    let group = ledger.accounts[taker.account].preventionGroup
    return group == ledger.accounts[maker.account].preventionGroup
      && (group != 0 || ledger.accounts[taker.account].master == ledger.accounts[maker.account].master)
  }

  /// Whether the account's free margin was not negative when this command first came to it as a maker.
  ///
  /// Filling an own resting order at its limit never lowers free margin (the fill theorem), so this one comparison holds
  /// for all its fills of the command.
  @inline(__always) mutating func hasStanding(_ account: UInt32) -> Bool {
    if ledger.accounts[account].standingCommand != walk {
      let margin = ledger.currentMargin(of: account)
      ledger.accounts[account].standing = margin.free >= .zero && ledger.unpricedDebt(of: account) == nil
      ledger.accounts[account].standingCommand = walk
    }
    return ledger.accounts[account].standing
  }

  /// The accept rule for one fill of an account whose free margin is negative, tried on a copy.
  private mutating func isFillAcceptable(
    _ order: Order, open: OpenLots, lots: Quantity, at price: Price, _ instrument: UInt32, isMaker: Bool
  ) -> Bool {
    if ledger.unpricedDebt(of: order.account) != nil { return false }
    let before = ledger.currentMargin(of: order.account)
    let trial = ledger.beginTrial(on: order.position)
    var filled = order
    let fee = filled.chargeFee(
      on: ledger.instruments[instrument].value(lots, at: price),
      at: isMaker
        ? ledger.makerFee(of: order.account, in: instrument) : ledger.takerFee(of: order.account, in: instrument))
    filled.open -= lots
    let remaining = provision(
      filled, at: order.price,
      rate: isMaker
        ? ledger.restingFee(of: order.account, in: instrument) : ledger.enteringFee(of: order.account, in: instrument),
      instrument: instrument)
    ledger.fill(open, lots: lots, price: price, fee: fee, remainingProvision: remaining, in: order.position)
    let after = ledger.currentMargin(of: order.account)
    ledger.undo(trial, on: order.position)
    return AccountMargin.isAcceptable(before: before, after: after)
  }

  /// What a fill of a touched account's position pays before it, and on how many lots.
  struct PendingFunding {
    let lots: Quantity
    let amount: Money
  }

  @inline(__always) func pendingFunding(of position: UInt32) -> PendingFunding {
    PendingFunding(lots: ledger.positions[position].quantity, amount: ledger.positions[position].terms.fundingDue)
  }

  @inline(__always) mutating func report(
    _ funding: PendingFunding, of position: UInt32, _ command: Command, output: inout Output
  ) {
    if funding.amount == .zero { return }
    reportFunding(position, lots: funding.lots, amount: funding.amount, command, output: &output)
  }

  /// One fill: here both accounts are updated, and then, not before, the first report of it is written.
  private mutating func fill(
    _ slot: OrderSlot, _ lots: Quantity, _ entering: inout Entering, _ command: Command, output: inout Output
  ) {
    let instrument = entering.instrument
    let price = books[slot].price
    trades += 1
    ledger.instruments[instrument].lastTrade = price
    if held.isActive { held.note(price.rawValue, of: .last, instrument: instrument) }

    var maker = books[slot]
    ledger.touch(maker.account)
    let makerFunding = pendingFunding(of: maker.position)
    let makerFee = settleMaker(&maker, lots: lots, instrument: instrument)
    books[slot].feeAccrued = maker.feeAccrued
    let isRefreshed = books.fill(slot, lots, in: entering.book)
    maker = books[slot]
    ledger.touch(entering.order.account)
    let takerFunding = pendingFunding(of: entering.order.position)
    let takerFee = settleTaker(&entering, lots: lots, price: price)
    ledger.touch(maker.account)
    ledger.touch(entering.order.account)

    // both are final; reports may be written
    if maker.open == .zero {
      takeOut(slot, in: entering.book, output: &output)
    } else if isRefreshed {
      var gone = maker
      gone.visible = .zero
      event(.orderRemoved, gone, level: books.level(of: slot), output: &output)
      event(.orderAdded, maker, level: books.level(of: slot), output: &output)
    } else {
      event(.orderChanged, maker, level: books.level(of: slot), output: &output)
    }
    tradeEvent(maker: maker, taker: entering.order, lots: lots, output: &output)
    reportInterest(command, output: &output)
    report(makerFunding, of: maker.position, command, output: &output)
    report(takerFunding, of: entering.order.position, command, output: &output)
    reportFilled(maker, lots: lots, price: price, fee: makerFee, liquidity: .maker, command, output: &output)
    if entering.order.name.key == .venue {
      let value = ledger.instruments[instrument].value(lots, at: price)
      reportVenueFill(entering.order, lots: lots, price: price, value: value, fee: takerFee, output: &output)
    } else {
      reportFilled(
        entering.order, lots: lots, price: price, fee: takerFee, liquidity: .taker, command, output: &output)
    }
    if maker.open > .zero, maker.flags.contains(.reduceOnly),
      ledger.positions[maker.position].reducible(by: maker.side) == 0
    {
      cancelResting(slot, reason: .reduceOnly, command, output: &output)
    }
    review(afterFillIn: maker.position, output: &output)
    review(afterFillIn: entering.order.position, output: &output)
  }

  /// The maker's account: its order shrinks by `lots` and is charged; returns the fee.
  @inline(__always) mutating func settleMaker(_ maker: inout Order, lots: Quantity, instrument: UInt32) -> Money {
    ledger.touch(maker.account)
    let before = openLots(maker, instrument: instrument)
    let fee = maker.chargeFee(
      on: ledger.instruments[instrument].value(lots, at: maker.price),
      at: ledger.makerFee(of: maker.account, in: instrument))
    maker.open -= lots
    maker.visible -= lots
    maker.filled += lots
    let provision = provision(
      maker, at: maker.price, rate: ledger.restingFee(of: maker.account, in: instrument), instrument: instrument)
    ledger.fill(before, lots: lots, price: maker.price, fee: fee, remainingProvision: provision, in: maker.position)
    return fee
  }

  /// The taker's account; returns the fee.
  @inline(__always) mutating func settleTaker(_ entering: inout Entering, lots: Quantity, price: Price) -> Money {
    let instrument = entering.instrument
    let before = entering.openLots
    ledger.touch(entering.order.account)
    let fee = entering.order.chargeFee(
      on: ledger.instruments[instrument].value(lots, at: price),
      at: ledger.takerFee(of: entering.order.account, in: instrument))
    entering.order.open -= lots
    entering.order.filled += lots
    entering.provision = provision(
      entering.order, at: entering.provisionPrice,
      rate: ledger.enteringFee(of: entering.order.account, in: instrument), instrument: instrument)
    ledger.fill(
      before, lots: lots, price: price, fee: fee, remainingProvision: entering.provision, in: entering.order.position)
    if entering.order.open == .zero {
      ledger.restoreWorst(entering.order.side, to: entering.worstBefore, in: entering.order.position)
    }
    return fee
  }
}
