import Testing
import Values
import Wire

/// Orders that wait for a price, on the model and on the kernel.
@Suite struct ContingentScenarios {
  /// A perpetual at 100 and three traders with 10,000 each.
  private func desk(_ kind: VenueKind) -> Desk {
    let desk = Desk(kind, venueDefinition())
    desk.openPerpetual()
    for trader: UInt32 in 1...3 { desk.trader(trader, cash: 10_000) }
    return desk
  }

  @discardableResult private func hold(
    _ desk: Desk, _ trader: UInt32, _ side: Side, _ quantity: Int64, _ condition: TriggerCondition, at trigger: Int64,
    price: Int64, type: OrderType = .limit, _ timeInForce: TimeInForce = .goodTillCancel, flags: OrderFlags = [],
    source: TriggerSource = .mark, partner: UInt64 = 0, expiry: Int64 = 0,
    trailing: TrailingUnit = .none, by distance: UInt64 = 0
  ) -> UInt64 {
    let request = desk.next()
    desk.send(
      NewContingentOrder(
        requestId: request, account: AccountId(trader), instrument: Desk.perpetual, price: Price(price),
        quantity: Quantity(quantity), display: .zero, side: side, orderType: type, timeInForce: timeInForce,
        flags: flags, selfTradePrevention: .cancelNewest, source: source, condition: condition,
        trailing: trailing, triggerPrice: Price(trigger), partner: partner, expiry: Timestamp(expiry),
        distance: distance), from: Desk.key(trader))
    return request
  }

  @Test("A stop is held without margin, and becomes an order when the mark falls to it", arguments: VenueKind.allCases)
  func stop(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .sell, 5, .stop, at: 95, price: 90)
    let held = try desk.only(OrderHeld.self)
    #expect(held.orderRequestId == stop && held.triggerPrice == Price(95) && held.margin.initialMargin == .zero)
    desk.mark(96)
    desk.tick(work: 10)
    #expect(desk.reports.isEmpty && !desk.venue.hasPendingWork)
    desk.mark(95)
    #expect(desk.venue.hasPendingWork)
    desk.mark(99)
    desk.tick(work: 10)
    let accepted = try desk.only(OrderAccepted.self)
    #expect(accepted.orderRequestId == stop && accepted.price == Price(90) && accepted.requestId == 0)
    #expect(!desk.venue.hasPendingWork, "reached once, it is released although the mark has gone back")
    desk.order(2, .buy, 5, at: 92)
    #expect(desk.all(OrderFilled.self).first?.price == Price(90))
  }

  @Test("Stops on the last trade see every trade of a sweep", arguments: VenueKind.allCases)
  func lastTrade(kind: VenueKind) throws {
    let desk = desk(kind)
    let below = hold(desk, 1, .sell, 1, .stop, at: 97, price: 90, source: .last)
    let above = hold(desk, 1, .buy, 1, .stop, at: 103, price: 110, source: .last)
    for price: Int64 in [97, 100, 103] { desk.order(2, .sell, 1, at: price) }
    desk.order(3, .buy, 3, at: 103)
    var released: [UInt64] = []
    while desk.venue.hasPendingWork {
      desk.tick(work: 1)
      released += desk.all(OrderAccepted.self).map(\.orderRequestId)
    }
    #expect(released == [below, above], "falls before rises, one a Tick")
  }

  @Test("The nearest trigger first, then by entry", arguments: VenueKind.allCases)
  func order(kind: VenueKind) throws {
    let desk = desk(kind)
    let far = hold(desk, 1, .buy, 1, .stop, at: 108, price: 110)
    let near = hold(desk, 1, .buy, 1, .stop, at: 104, price: 110)
    let second = hold(desk, 2, .buy, 1, .stop, at: 104, price: 110)
    let profit = hold(desk, 3, .sell, 1, .takeProfit, at: 106, price: 100)
    desk.mark(109)
    var released: [UInt64] = []
    while desk.venue.hasPendingWork {
      desk.tick(work: 5)
      released += desk.all(OrderAccepted.self).map(\.orderRequestId)
    }
    #expect(released == [near, second, profit, far])
  }

  @Test("One cancels the other; a partner that is cancelled leaves the other alone", arguments: VenueKind.allCases)
  func partners(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(2, .sell, 4, at: 100)
    desk.order(1, .buy, 4, at: 100)
    let closing: OrderFlags = [.reduceOnly, .closePosition]
    let stop = hold(desk, 1, .sell, 0, .stop, at: 95, price: 80, type: .market, .immediateOrCancel, flags: closing)
    let profit = hold(desk, 1, .sell, 0, .takeProfit, at: 110, price: 100, flags: closing, partner: stop)
    #expect(try desk.only(OrderHeld.self).partner == stop)
    hold(desk, 1, .sell, 1, .takeProfit, at: 120, price: 100, partner: stop)
    #expect(try desk.refusal() == Refusal(.invalidCombination, 0))
    desk.order(3, .buy, 4, at: 94)
    desk.mark(95)
    desk.tick(work: 10)
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.orderRequestId == profit && cancelled.reason == .partnerReleased)
    #expect(try desk.only(OrderAccepted.self).quantity == Quantity(4))
    #expect(desk.all(OrderFilled.self).last?.position == .zero)
    hold(desk, 1, .sell, 1, .takeProfit, at: 120, price: 100, partner: stop)
    #expect(try desk.refusal() == Refusal(.unknownOrder, 0))
  }

  @Test("A released order that the margin does not allow is rejected by its name", arguments: VenueKind.allCases)
  func rejection(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .buy, 5_000, .stop, at: 105, price: 110)
    desk.mark(105)
    desk.tick(work: 10)
    let rejected = try desk.only(OrderRejected.self)
    #expect(rejected.orderRequestId == stop && rejected.reason == .insufficientMargin && rejected.requestId == 0)
    #expect(rejected.template == Template.newContingentOrder.rawValue && !desk.venue.hasPendingWork)
  }

  @Test("Nothing is released while the instrument does not trade", arguments: VenueKind.allCases)
  func halted(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.phase(.halted)
    let stop = hold(desk, 1, .sell, 1, .stop, at: 100, price: 90)
    #expect(!desk.venue.hasPendingWork)
    desk.tick(work: 10)
    #expect(desk.reports.isEmpty)
    desk.phase(.continuous)
    #expect(desk.venue.hasPendingWork)
    desk.tick(work: 10)
    #expect(try desk.only(OrderAccepted.self).orderRequestId == stop)
  }

  @Test("Held orders are cancelled, replaced, and taken along by a mass cancel", arguments: VenueKind.allCases)
  func changes(kind: VenueKind) throws {
    let desk = desk(kind)
    let first = hold(desk, 1, .sell, 1, .stop, at: 95, price: 90)
    let second = hold(desk, 1, .buy, 2, .takeProfit, at: 94, price: 96)
    desk.send(
      ReplaceContingentOrder(
        requestId: desk.next(), orderRequestId: first, triggerPrice: Price(93), price: Price(91),
        quantity: Quantity(7), display: .zero, orderKey: .venue, expiry: Timestamp(0), distance: 0), from: Desk.key(1))
    let replaced = try desk.only(OrderHeld.self)
    #expect(replaced.triggerPrice == Price(93) && replaced.quantity == Quantity(7) && replaced.side == .sell)
    desk.mark(94)
    desk.tick(work: 10)
    #expect(try desk.only(OrderAccepted.self).orderRequestId == second)
    desk.send(
      MassCancel(requestId: desk.next(), account: AccountId(1), instrument: .none, side: .sell), from: Desk.key(1))
    #expect(desk.all(OrderCancelled.self).map(\.orderRequestId) == [first])
    #expect(try desk.only(MassCancelDone.self).count == 1)
    let third = hold(desk, 1, .sell, 1, .stop, at: 90, price: 90)
    desk.send(
      CancelOrder(requestId: desk.next(), orderRequestId: third, orderKey: .venue), from: Desk.key(1))
    #expect(try desk.only(OrderCancelled.self).reason == .requested)
    desk.send(
      CancelOrder(requestId: desk.next(), orderRequestId: third, orderKey: .venue), from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.unknownOrder, 0))
  }

  @Test("A stop on the index looks at neither mark nor trades", arguments: VenueKind.allCases)
  func index(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .sell, 5, .stop, at: 95, price: 90, source: .index)
    desk.mark(90)
    desk.order(2, .sell, 1, at: 90)
    desk.order(3, .buy, 1, at: 90)
    #expect(!desk.venue.hasPendingWork)
    desk.index(96)
    #expect(!desk.venue.hasPendingWork)
    desk.index(95)
    #expect(desk.venue.hasPendingWork)
    desk.tick(work: 10)
    #expect(try desk.only(OrderAccepted.self).orderRequestId == stop)
    // The index is 95 when this one comes.
    let profit = hold(desk, 1, .buy, 1, .takeProfit, at: 95, price: 90, source: .index)
    desk.tick(work: 10)
    #expect(try desk.only(OrderAccepted.self).orderRequestId == profit)
  }

  @Test("Held orders end with their day, at their date, or when their waiting does", arguments: VenueKind.allCases)
  func ends(kind: VenueKind) throws {
    let desk = desk(kind)
    let day: Int64 = 86_400_000_000_000
    let forDay = hold(desk, 1, .sell, 1, .stop, at: 95, price: 90, .day)
    #expect(try desk.only(OrderHeld.self).expiry == Timestamp(day))
    let dated = hold(desk, 1, .sell, 2, .stop, at: 95, price: 90, .goodTillDate, expiry: 3 * day)
    let waiting = hold(desk, 1, .sell, 3, .stop, at: 95, price: 90, type: .market, .immediateOrCancel, expiry: day / 2)
    #expect(desk.venue.nextDue == Timestamp(day / 2))
    hold(desk, 1, .sell, 1, .stop, at: 95, price: 90, expiry: day)
    #expect(try desk.refusal() == Refusal(.invalidExpiry, 0))
    hold(desk, 1, .sell, 1, .stop, at: 95, price: 90, type: .market, .immediateOrCancel, expiry: 1)
    #expect(try desk.refusal() == Refusal(.invalidExpiry, desk.time))
    desk.wait(until: day)
    desk.mark(95)
    // Two have ended when their trigger is reached, and leave first; the third is released and keeps its end.
    desk.tick(work: 3)
    let expired = desk.all(OrderExpired.self)
    #expect(expired.map(\.orderRequestId) == [waiting, forDay])
    #expect(expired.map(\.quantity) == [Quantity(3), Quantity(1)] && expired.allSatisfy { $0.reason == .timeExpired })
    let accepted = try desk.only(OrderAccepted.self)
    #expect(accepted.orderRequestId == dated && accepted.expiry == Timestamp(3 * day))
    #expect(desk.venue.nextDue == Timestamp(3 * day))
  }

  @Test("A replace gives a held order another end; one that has ended is not there", arguments: VenueKind.allCases)
  func replacedEnd(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .sell, 1, .stop, at: 95, price: 90, .goodTillDate, expiry: 1_000_000)
    func replace(until expiry: Int64) {
      desk.send(
        ReplaceContingentOrder(
          requestId: desk.next(), orderRequestId: stop, triggerPrice: Price(95), price: Price(90),
          quantity: Quantity(1), display: .zero, orderKey: .venue, expiry: Timestamp(expiry), distance: 0),
        from: Desk.key(1))
    }
    replace(until: 2_000_000)
    #expect(try desk.only(OrderHeld.self).expiry == Timestamp(2_000_000))
    replace(until: 0)
    #expect(try desk.refusal() == Refusal(.invalidExpiry, desk.time))
    desk.wait(until: 2_000_000)
    replace(until: 3_000_000)
    #expect(try desk.refusal() == Refusal(.unknownOrder, 0))
    desk.tick(work: 1)
    #expect(try desk.only(OrderExpired.self).orderRequestId == stop)
  }

  // MARK: Trailing

  /// The requests released by Ticks, in their order.
  private func released(_ desk: Desk) -> [UInt64] {
    var found: [UInt64] = []
    while desk.venue.hasPendingWork {
      desk.tick(work: 5)
      found += desk.all(OrderAccepted.self).map(\.orderRequestId)
    }
    return found
  }

  private func replace(_ desk: Desk, _ order: UInt64, from activation: Int64, _ distance: UInt64) {
    desk.send(
      ReplaceContingentOrder(
        requestId: desk.next(), orderRequestId: order, triggerPrice: Price(activation), price: Price(80),
        quantity: Quantity(1), display: .zero, orderKey: .venue, expiry: Timestamp(0), distance: distance),
      from: Desk.key(1))
  }

  @Test("A trailing stop follows rises and stays in falls", arguments: VenueKind.allCases)
  func trails(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .sell, 1, .stop, at: 0, price: 80, trailing: .ticks, by: 5)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(95))
    // 5 % of 100 is 5; of 121, 6.05 rounded down: 6.
    let parts = hold(desk, 2, .sell, 1, .stop, at: 0, price: 80, trailing: .partsPerMillion, by: 50_000)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(95))
    for mark: Int64 in [104, 100, 121, 117] { desk.mark(mark) }
    #expect(!desk.venue.hasPendingWork, "the triggers are 116 and 115")
    desk.mark(116)
    #expect(released(desk) == [stop])
    // The other one goes on.
    desk.mark(141)
    desk.mark(135)
    #expect(!desk.venue.hasPendingWork, "141 less ⌊7.05⌋ is 134")
    desk.mark(134)
    #expect(released(desk) == [parts])
  }

  @Test("What a price reaches is released although prices return; the nearest first", arguments: VenueKind.allCases)
  func trailingOrder(kind: VenueKind) throws {
    let desk = desk(kind)
    let far = hold(desk, 1, .sell, 1, .stop, at: 0, price: 80, trailing: .ticks, by: 8)
    let near = hold(desk, 1, .sell, 1, .stop, at: 0, price: 80, trailing: .ticks, by: 3)
    desk.mark(98)
    let late = hold(desk, 2, .sell, 1, .stop, at: 0, price: 80, trailing: .ticks, by: 1)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(97))
    desk.mark(92)
    desk.mark(130)
    #expect(released(desk) == [near, late, far], "97, 97 that became active later, 92")
  }

  @Test("A trailing stop that buys follows falls of the last trade", arguments: VenueKind.allCases)
  func trailingBuy(kind: VenueKind) throws {
    let desk = desk(kind)
    hold(desk, 1, .buy, 1, .stop, at: 0, price: 120, source: .last, trailing: .ticks, by: 4)
    #expect(try desk.refusal() == Refusal(.noTriggerPrice, 0))
    func trade(at price: Int64) {
      desk.order(2, .sell, 1, at: price)
      desk.order(3, .buy, 1, at: price)
    }
    trade(at: 100)
    let stop = hold(desk, 1, .buy, 1, .stop, at: 0, price: 120, source: .last, trailing: .ticks, by: 4)
    for price: Int64 in [90, 93, 88, 91] { trade(at: price) }
    #expect(!desk.venue.hasPendingWork)
    trade(at: 92)
    #expect(released(desk) == [stop])
  }

  @Test("An activation price is reached from the other direction first", arguments: VenueKind.allCases)
  func activation(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .sell, 1, .stop, at: 110, price: 80, trailing: .ticks, by: 5)
    let held = try desk.only(OrderHeld.self)
    #expect(held.triggerPrice == Price(0) && held.activationPrice == Price(110) && held.distance == 5)
    for mark: Int64 in [109, 90, 111, 107] { desk.mark(mark) }
    #expect(!desk.venue.hasPendingWork, "active at 111, its trigger is 106")
    desk.mark(106)
    #expect(released(desk) == [stop])
    // One that is there already: active at once.
    hold(desk, 1, .sell, 1, .stop, at: 105, price: 80, trailing: .ticks, by: 5)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(101))
  }

  @Test("A replace keeps the best price, unless the activation price is another", arguments: VenueKind.allCases)
  func trailingReplace(kind: VenueKind) throws {
    let desk = desk(kind)
    let stop = hold(desk, 1, .sell, 1, .stop, at: 0, price: 80, trailing: .ticks, by: 30)
    desk.mark(120)
    desk.mark(100)
    replace(desk, stop, from: 0, 25)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(95))
    replace(desk, stop, from: 130, 25)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(0))
    replace(desk, stop, from: 0, 0)
    #expect(try desk.refusal() == Refusal(.invalidField, ReplaceContingentOrder.Field.distance))
    replace(desk, stop, from: 0, 25)
    #expect(try desk.only(OrderHeld.self).triggerPrice == Price(75))
    desk.mark(120)
    desk.mark(100)
    // 120 less 20 has been reached by the price there is.
    replace(desk, stop, from: 0, 20)
    #expect(released(desk) == [stop])
  }

  @Test("Trailing orders are stops, and their distance is in range", arguments: VenueKind.allCases)
  func trailingRefusals(kind: VenueKind) throws {
    let desk = desk(kind)
    let field = NewContingentOrder.Field.distance
    hold(desk, 1, .sell, 1, .takeProfit, at: 110, price: 80, trailing: .ticks, by: 5)
    #expect(try desk.refusal() == Refusal(.invalidCombination, 0))
    hold(desk, 1, .sell, 1, .stop, at: 110, price: 80, trailing: .partsPerMillion, by: 1_000_000)
    #expect(try desk.refusal() == Refusal(.invalidField, field))
    hold(desk, 1, .sell, 1, .stop, at: 110, price: 80, trailing: .none, by: 5)
    #expect(try desk.refusal() == Refusal(.invalidField, field))
    // A trailing stop in a pair with a fixed one, taken along when that is released.
    let fixed = hold(desk, 1, .sell, 1, .stop, at: 95, price: 80)
    let trailing = hold(desk, 1, .sell, 1, .stop, at: 0, price: 80, partner: fixed, trailing: .ticks, by: 50)
    desk.mark(95)
    desk.tick(work: 1)
    #expect(try desk.only(OrderCancelled.self).orderRequestId == trailing)
    desk.mark(200)
    desk.mark(1)
    #expect(!desk.venue.hasPendingWork)
  }
}
