import Margin
import Matching
import Values
import Wire

// From a price that reaches a trigger to the order that comes of it: Protocol/rules.md §7a.

extension Kernel {
  /// Whether a Tick would release a held order: its instrument trades.
  var hasReleases: Bool { releasing() != 0 }

  /// The first instrument with an order that its price has reached, and in which orders can trade; 0: none.
  private func releasing() -> UInt32 {
    var instrument = held.firstReached()
    while instrument != 0 && ledger.instruments[instrument].phase != .continuous {
      instrument = held.firstReached(from: instrument + 1)
    }
    return instrument
  }

  /// Looks at the marks that a command has moved.
  mutating func noteMarks() {
    while case let instrument = ledger.movedMarks.first(), instrument != 0 {
      ledger.movedMarks.remove(instrument)
      notePresentPrice(of: .mark, instrument: instrument)
    }
  }

  /// Looks at an index that has been set, or whose guard may have changed. O(instruments) once anything has been held.
  mutating func noteIndex(of asset: UInt32) {
    guard held.isActive else { return }
    for instrument in 1..<UInt32(ledger.instruments.count + 1)
    where ledger.instruments[instrument].baseAsset == asset {
      notePresentPrice(of: .index, instrument: instrument)
    }
  }

  mutating func notePresentPrice(of source: TriggerSource, instrument: UInt32) {
    let price = presentPrice(of: source, instrument: instrument)
    if price > Price(0) { held.note(price.rawValue, of: source, instrument: instrument) }
  }

  /// What triggers of a source see; 0: nothing, also where an index is guarded.
  func presentPrice(of source: TriggerSource, instrument: UInt32) -> Price {
    switch source {
    case .mark: return ledger.instruments[instrument].mark
    case .last: return ledger.instruments[instrument].lastTrade
    case .index:
      let asset = ledger.instruments[instrument].baseAsset
      guard asset != 0, ledger.assets[asset].oracleGuard == .normal else { return Price(0) }
      return ledger.index(of: instrument) ?? Price(0)
    }
  }

  /// Releases one order, if one is due. One unit of work, and no more than one order a Tick: it enters as a command of its
  /// own would, with the Tick's number for its priority.
  mutating func releaseNext(units: inout Int, output: inout Output) {
    guard units > 0 else { return }
    while case let instrument = releasing(), instrument != 0 {
      let slot = held.nextReleased(of: instrument)
      if slot == 0 { continue }
      units -= 1
      release(slot, output: &output)
      // Where it was the last one the prices seen are forgotten at once.
      _ = held.nextReleased(of: instrument)
      return
    }
  }

  private mutating func release(_ slot: OrderSlot, output: inout Output) {
    if let reason = gatingReason(ofHeld: slot) {
      countGated(held: slot)
      return dropHeld(slot, reason: reason, venueCommand, output: &output)
    }
    let (order, terms) = (held.books[slot], held.terms[slot])
    let partner =
      terms.partner == 0 ? 0 : held.books.find(OrderName(key: order.name.key, requestId: terms.partner))
    let expiry = order.timeInForce == .goodTillDate ? held.expiries.expiry(of: order) : Timestamp(0)
    unhold(slot)
    if partner != 0 { dropHeld(partner, reason: .partnerReleased, venueCommand, output: &output) }
    let keySlot = keys.find(order.name.key)
    var command = Command(
      key: order.name.key, keySlot: keySlot, master: keys.records[keySlot].master, roles: keys.records[keySlot].roles,
      template: .newContingentOrder, requestId: 0)
    command.accountId = ledger.accounts[order.account].id
    command.instrumentId = order.instrument
    command.orderRequestId = order.name.requestId
    command.account = order.account
    do throws(Reject) {
      try require(command.roles.contains(.trader), Reject(.notPermitted, Int64(Roles.trader.rawValue)))
      let message = NewOrder(
        requestId: order.name.requestId, account: command.accountId, instrument: order.instrument, price: terms.limit,
        quantity: terms.quantity, display: terms.display, side: terms.side, orderType: terms.type,
        timeInForce: order.timeInForce, flags: order.flags, selfTradePrevention: order.prevention,
        minimumQuantity: .zero, expiry: expiry, budget: .zero)
      var admitted = try admit(message, &command)
      // Its public id is the number of the command that brought it: a Tick's may be that of another order's trades.
      admitted.entering.order.id = order.id
      enter(admitted, command, output: &output)
    } catch {
      refuse(error, command, output: &output)
    }
  }

  // MARK: All of an account's

  /// Takes out the held orders of an account that a cancel job covers. False: the units are used up before the last one.
  mutating func dropHeld(
    of account: UInt32, coveredBy job: CancelJob, units: inout Int, _ command: Command, output: inout Output
  ) -> Bool {
    var slot = held.first(of: account)
    while slot != 0 {
      let next = held.books[slot].ownerNext
      if covers(job, held.books[slot], side: held.terms[slot].side) {
        if units == 0 { return false }
        units -= 1
        jobs[0].cancelled += 1
        dropHeld(slot, reason: job.reason, command, output: &output)
      }
      slot = next
    }
    return true
  }

  /// The first held order of an account in an instrument (0: in any), or 0.
  func firstHeld(of account: UInt32, in instrument: InstrumentId = .none) -> OrderSlot {
    var slot = held.first(of: account)
    while slot != 0 && instrument != .none && held.books[slot].instrument != instrument {
      slot = held.books[slot].ownerNext
    }
    return slot
  }
}
