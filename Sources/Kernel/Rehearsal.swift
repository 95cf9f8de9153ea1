import Margin
import Matching
import Values

/// What an admitted order would do, to the last quantum.
struct Rehearsal {
  var after = AccountMargin()
  var filled = Quantity.zero
  var resting = Quantity.zero
  /// Of the lots that trade, in quanta of the quote asset.
  var value = Money.zero
  var fees = Money.zero
  var fills = 0
  /// Of the last fill.
  var worstPrice: Price?
  /// Why what is left would not rest, if anything would be left.
  var restReason: CancelReason?
  /// Tag of the fills and of the last price that was looked at.
  var bookTag = Tag()
}

extension Kernel {
  /// The path of an order through the book with the accounts' own code, on records that are put back afterwards; the book
  /// itself is only read. What it says is what ``run(_:_:output:)`` would do at this moment.
  ///
  /// Allocates; made for questions, not for the command path. O(fills + orders passed over).
  mutating func rehearse(_ admitted: AdmittedOrder) -> Rehearsal {
    rehearsals += 1
    let before = walk
    walk = 1 << 63 | rehearsals
    defer { walk = before }
    var stage = Stage(entering: admitted.entering)
    if ledger.instruments[stage.entering.instrument].phase == .continuous { sweep(&stage) }
    settleRest(&stage)
    stage.result.after = ledger.currentMargin(of: stage.entering.order.account)
    for undo in stage.undo.reversed() { ledger.undo(undo.trial, on: undo.position) }
    ledger.touch(admitted.entering.order.account)
    return stage.result
  }

  /// What a rehearsal has in hand.
  private struct Stage {
    var entering: Entering
    var result = Rehearsal()
    /// Records as they were, oldest first.
    var undo: [(trial: Trial, position: UInt32)] = []
    /// Icebergs of the present level that have been shown again, behind all others of it.
    var refreshed: [Order] = []
    var nextRefreshed = 0
    /// A maker that still shows lots after its fill: it is next again.
    var again: Order?
    /// The next order of the book itself.
    var slot: OrderSlot = 0
    var levelPrice: Price?

    init(entering: Entering) { self.entering = entering }
  }

  private mutating func sweep(_ stage: inout Stage) {
    var fills = 0
    var cancels = 0
    stage.slot = books.best(stage.entering.order.side.opposite, in: stage.entering.book)
    while stage.entering.order.open > .zero, let (maker, slot) = nextMaker(&stage) {
      if fills == Limits.fillsPerCommand { return stop(&stage, .matchLimit) }
      switch verdict(on: maker, gatedBy: gatingReason(of: slot), for: stage.entering) {
      case .fill(let lots):
        fill(maker, lots, &stage)
        fills += 1
      case .cancelMaker:
        if cancels == Limits.cancelsPerCommand { return stop(&stage, .matchLimit) }
        cancel(maker, &stage)
        cancels += 1
      case .stop(let reason): return stop(&stage, reason)
      case .cancelBoth:
        if cancels == Limits.cancelsPerCommand { return stop(&stage, .matchLimit) }
        cancel(maker, &stage)
        return stop(&stage, .selfTrade)
      case .decrement:
        if cancels == Limits.cancelsPerCommand { return stop(&stage, .matchLimit) }
        cancels += 1
        if decrement(maker, &stage) { return stop(&stage, .selfTrade) }
      }
    }
    stage.result.bookTag.add(UInt64(bitPattern: stage.levelPrice?.rawValue ?? -1))
  }

  private func stop(_ stage: inout Stage, _ reason: CancelReason) { stage.result.restReason = reason }

  /// The next resting order that crosses, as it would be by then, and its slot.
  private func nextMaker(_ stage: inout Stage) -> (Order, OrderSlot)? {
    let order = stage.entering.order
    if let maker = stage.again {
      stage.again = nil
      return (maker, books.find(maker.name))
    }
    if stage.slot != 0 && books[stage.slot].price == stage.levelPrice { return takeNext(&stage) }
    if stage.nextRefreshed < stage.refreshed.count {
      stage.nextRefreshed += 1
      let maker = stage.refreshed[stage.nextRefreshed - 1]
      return (maker, books.find(maker.name))
    }
    stage.refreshed = []
    stage.nextRefreshed = 0
    guard stage.slot != 0 else { return nil }
    stage.levelPrice = books[stage.slot].price
    return order.side.crosses(limit: order.price, resting: books[stage.slot].price) ? takeNext(&stage) : nil
  }

  private func takeNext(_ stage: inout Stage) -> (Order, OrderSlot) {
    let slot = stage.slot
    stage.slot = books.next(after: slot, in: stage.entering.book)
    return (books[slot], slot)
  }

  private mutating func keep(_ position: UInt32, _ stage: inout Stage) {
    stage.undo.append((trial: ledger.beginTrial(on: position), position: position))
  }

  private mutating func fill(_ resting: Order, _ lots: Quantity, _ stage: inout Stage) {
    var maker = resting
    let instrument = stage.entering.instrument
    keep(maker.position, &stage)
    _ = settleMaker(&maker, lots: lots, instrument: instrument)
    keep(stage.entering.order.position, &stage)
    let fee = settleTaker(&stage.entering, lots: lots, price: maker.price)
    ledger.touch(maker.account)
    ledger.touch(stage.entering.order.account)
    stage.result.filled += lots
    stage.result.value += ledger.instruments[instrument].value(lots, at: maker.price)
    stage.result.fees += fee
    stage.result.fills += 1
    stage.result.worstPrice = maker.price
    stage.result.bookTag.add(maker.id)
    stage.result.bookTag.add(UInt64(bitPattern: maker.price.rawValue))
    stage.result.bookTag.add(UInt64(bitPattern: lots.rawValue))
    if maker.open > .zero, maker.flags.contains(.reduceOnly),
      ledger.positions[maker.position].reducible(by: maker.side) == 0
    {
      cancel(maker, &stage)
    } else if maker.open > .zero && maker.visible == .zero {
      maker.visible = maker.peak
      stage.refreshed.append(maker)
    } else if maker.open > .zero {
      stage.again = maker
    }
  }

  /// Both lose what the smaller one has open. True: nothing would be left of the entering order.
  private mutating func decrement(_ maker: Order, _ stage: inout Stage) -> Bool {
    let taker = stage.entering.order
    if maker.open <= taker.open { cancel(maker, &stage) } else { shrink(maker, by: taker.open, &stage) }
    if maker.open >= taker.open { return true }
    keep(taker.position, &stage)
    shrink(&stage.entering, by: maker.open)
    return false
  }

  private mutating func shrink(_ maker: Order, by lots: Quantity, _ stage: inout Stage) {
    ledger.touch(maker.account)
    keep(maker.position, &stage)
    var left = maker
    left.open -= lots
    ledger.changeOpen(
      openLots(maker, instrument: stage.entering.instrument), to: openLots(left, instrument: stage.entering.instrument),
      in: maker.position, keepingWorst: true)
    ledger.touch(maker.account)
  }

  private mutating func cancel(_ maker: Order, _ stage: inout Stage) {
    ledger.touch(maker.account)
    keep(maker.position, &stage)
    ledger.removeOpen(openLots(maker, instrument: stage.entering.instrument), from: maker.position)
    ledger.touch(maker.account)
  }

  /// What is left rests or leaves, as far as the accounts are concerned.
  private mutating func settleRest(_ stage: inout Stage) {
    let order = stage.entering.order
    guard order.open > .zero else { return }
    keep(order.position, &stage)
    if stage.result.restReason == nil && order.timeInForce.rests {
      let resting = provision(
        order, at: order.price, rate: ledger.restingFee(of: order.account, in: stage.entering.instrument),
        instrument: stage.entering.instrument)
      ledger.changeProvision(by: resting - stage.entering.provision, in: order.position)
      stage.result.resting = order.open
    } else {
      ledger.removeOpen(stage.entering.openLots, from: order.position)
      ledger.restoreWorst(order.side, to: stage.entering.worstBefore, in: order.position)
      stage.result.restReason = stage.result.restReason ?? .immediateOrCancel
    }
    ledger.touch(order.account)
  }
}
