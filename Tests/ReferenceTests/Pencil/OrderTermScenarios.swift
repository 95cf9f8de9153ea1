import Testing
import Values
import Wire

/// What an order asks for besides its limit, on the model and on the kernel.
@Suite struct OrderTermScenarios {
  /// A perpetual at 100 and three traders with 10,000 each.
  private func desk(_ kind: VenueKind) -> Desk {
    let desk = Desk(kind, venueDefinition())
    desk.openPerpetual()
    for trader: UInt32 in 1...3 { desk.trader(trader, cash: 10_000) }
    return desk
  }

  @Test("Market to limit trades at the best price only, and its rest stays there", arguments: VenueKind.allCases)
  func marketToLimit(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(3, .buy, 1, at: 105, type: .marketToLimit)
    #expect(try desk.refusal() == Refusal(.noOppositeOrder, 0))
    desk.order(1, .sell, 2, at: 100)
    desk.order(1, .sell, 2, at: 101)
    desk.order(3, .buy, 5, at: 105, type: .marketToLimit)
    #expect(try desk.only(OrderAccepted.self).price == Price(100))
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .taker }.map(\.quantity.rawValue) == [2])
    let seller = desk.order(2, .sell, 3, at: 99, timeInForce: .immediateOrCancel)
    let maker = desk.all(OrderFilled.self).filter { $0.liquidity == .maker }
    #expect(maker.last?.price == Price(100) && maker.last?.quantity == Quantity(3) && seller > 0)
    desk.order(3, .buy, 1, at: 90, type: .marketToLimit)
    #expect(try desk.only(OrderAccepted.self).price == Price(90), "the protection price is kept")
  }

  @Test("A minimum quantity trades at once or the order is refused", arguments: VenueKind.allCases)
  func minimumQuantity(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(1, .sell, 4, at: 100)
    desk.order(3, .buy, 10, at: 100, terms: Desk.Terms(minimumQuantity: 5))
    #expect(try desk.refusal() == Refusal(.minimumQuantity, 4))
    desk.order(3, .buy, 10, at: 100, terms: Desk.Terms(minimumQuantity: 4))
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .taker }.map(\.open.rawValue) == [6])
    desk.order(3, .buy, 10, at: 100, terms: Desk.Terms(minimumQuantity: 11))
    #expect(try desk.refusal() == Refusal(.invalidField, NewOrder.Field.minimumQuantity))
    desk.order(3, .buy, 10, at: 99, flags: .postOnly, terms: Desk.Terms(minimumQuantity: 1))
    #expect(try desk.refusal() == Refusal(.invalidCombination, 0))
  }

  @Test("Fill or kill by budget: what all of it costs, or brings, is within it", arguments: VenueKind.allCases)
  func budget(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(1, .sell, 2, at: 100)
    desk.order(1, .sell, 2, at: 103)
    desk.order(3, .buy, 4, at: 105, timeInForce: .fillOrKill, terms: Desk.Terms(budget: 405))
    #expect(try desk.refusal() == Refusal(.budget, 406))
    desk.order(3, .buy, 4, at: 105, timeInForce: .fillOrKill, terms: Desk.Terms(budget: 406))
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .taker }.count == 2)
    desk.order(1, .buy, 3, at: 99)
    desk.order(3, .sell, 2, at: 90, timeInForce: .fillOrKill, terms: Desk.Terms(budget: 199))
    #expect(try desk.refusal() == Refusal(.budget, 198))
    desk.order(3, .sell, 2, at: 90, terms: Desk.Terms(budget: 1))
    #expect(try desk.refusal() == Refusal(.invalidCombination, 0))
  }

  @Test("Orders end at their date and at midnight, and do not trade from then on", arguments: VenueKind.allCases)
  func ends(kind: VenueKind) throws {
    let desk = desk(kind)
    let now = desk.time
    let midnight = (now / 86_400_000_000_000 + 1) * 86_400_000_000_000
    desk.order(1, .sell, 2, at: 100, timeInForce: .goodTillDate, terms: Desk.Terms(expiry: now))
    #expect(try desk.refusal().reason == .invalidExpiry)
    desk.order(1, .sell, 2, at: 100, terms: Desk.Terms(expiry: now + 1_000_000))
    #expect(try desk.refusal() == Refusal(.invalidExpiry, 0))
    let first = desk.order(
      1, .sell, 2, at: 100, timeInForce: .goodTillDate, terms: Desk.Terms(expiry: now + 1_000_000_000))
    #expect(desk.venue.nextDue == Timestamp(now + 1_000_000_000))
    let second = desk.order(2, .sell, 2, at: 100, timeInForce: .day)
    #expect(try desk.only(OrderAccepted.self).expiry.rawValue == midnight)
    desk.wait(until: now + 1_000_000_000)
    desk.order(3, .buy, 1, at: 100)
    #expect(desk.all(OrderExpired.self).map(\.orderRequestId) == [first])
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .maker }.map(\.orderRequestId) == [second])
    desk.wait(until: midnight)
    desk.send(Tick(work: 10), from: .venue)
    let expired = try desk.only(OrderExpired.self)
    #expect(expired.orderRequestId == second && expired.quantity == Quantity(1) && expired.filled == Quantity(1))
    #expect(expired.reason == .timeExpired && desk.venue.nextDue == .never)
  }

  @Test("A replace changes when an order ends, in its place", arguments: VenueKind.allCases)
  func replacedEnd(kind: VenueKind) throws {
    let desk = desk(kind)
    let now = desk.time
    let order = desk.order(1, .sell, 2, at: 100)
    func replace(_ timeInForce: TimeInForce, _ expiry: Int64) throws -> OrderReplaced {
      desk.send(
        ReplaceOrder(
          requestId: desk.next(), orderRequestId: order, price: Price(100), quantity: Quantity(2), display: .zero,
          expectedFilled: nil, orderKey: .venue, timeInForce: timeInForce, expiry: Timestamp(expiry)),
        from: Desk.key(1))
      return try desk.only(OrderReplaced.self)
    }
    #expect(try replace(.goodTillDate, now + 1_000_000_000).keptPriorityCode == 1)
    #expect(desk.venue.nextDue == Timestamp(now + 1_000_000_000))
    #expect(try replace(.goodTillDate, now + 2_000_000_000).expiry.rawValue == now + 2_000_000_000)
    #expect(desk.venue.nextDue == Timestamp(now + 2_000_000_000))
    #expect(try replace(.goodTillCancel, 0).expiry.rawValue == 0)
    #expect(desk.venue.nextDue == .never)
  }

  @Test("Post-only with re-pricing rests next to the best opposite price", arguments: VenueKind.allCases)
  func reprice(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(1, .sell, 2, at: 100)
    desk.order(3, .buy, 1, at: 104, flags: [.postOnly, .reprice])
    #expect(try desk.only(OrderAccepted.self).price == Price(99))
    desk.order(3, .buy, 1, at: 98, flags: [.postOnly, .reprice])
    #expect(try desk.only(OrderAccepted.self).price == Price(98))
    desk.order(2, .sell, 1, at: 95, flags: [.postOnly, .reprice])
    #expect(try desk.only(OrderAccepted.self).price == Price(100))
    desk.order(3, .buy, 1, at: 98, flags: [.reprice])
    #expect(try desk.refusal() == Refusal(.invalidCombination, 0))
  }

  @Test("A close-position order takes its quantity from the position", arguments: VenueKind.allCases)
  func closePosition(kind: VenueKind) throws {
    let desk = desk(kind)
    let closing: OrderFlags = [.reduceOnly, .closePosition]
    desk.order(3, .sell, 0, at: 90, timeInForce: .immediateOrCancel, flags: closing)
    #expect(try desk.refusal() == Refusal(.notReducing, 0))
    desk.order(1, .sell, 7, at: 100)
    desk.order(3, .buy, 7, at: 100)
    desk.order(2, .buy, 9, at: 99)
    desk.order(3, .sell, 7, at: 90, timeInForce: .immediateOrCancel, flags: closing)
    #expect(try desk.refusal() == Refusal(.invalidQuantity, 0))
    desk.order(3, .sell, 0, at: 90, type: .market, timeInForce: .immediateOrCancel, flags: closing)
    #expect(try desk.only(OrderAccepted.self).quantity == Quantity(7))
    #expect(desk.all(OrderFilled.self).last?.position == .zero)
  }

  @Test("Self-trade prevention by decrement takes the same lots from both", arguments: VenueKind.allCases)
  func decrement(kind: VenueKind) throws {
    let desk = desk(kind)
    let large = desk.order(1, .sell, 5, at: 100)
    let small = desk.order(1, .buy, 2, at: 100, timeInForce: .immediateOrCancel, prevention: .decrement)
    let replaced = try desk.only(OrderReplaced.self)
    #expect(replaced.orderRequestId == large && replaced.quantity == Quantity(3) && replaced.keptPriorityCode == 1)
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.orderRequestId == small && cancelled.quantity == Quantity(2) && cancelled.reason == .selfTrade)
    desk.order(2, .sell, 1, at: 100)
    let taker = desk.order(1, .buy, 4, at: 100, prevention: .decrement)
    #expect(try desk.only(OrderCancelled.self).orderRequestId == large)
    #expect(try desk.only(OrderReplaced.self).orderRequestId == taker)
    #expect(desk.all(OrderFilled.self).map(\.quantity.rawValue) == [1, 1], "what is left trades with the next order")
  }

  @Test("Prevention groups take the place of the master", arguments: VenueKind.allCases)
  func groups(kind: VenueKind) throws {
    let desk = desk(kind)
    func group(_ account: UInt32, _ number: UInt32) {
      desk.send(SetPreventionGroup(requestId: desk.next(), account: AccountId(account), group: number), from: .venue)
    }
    group(1, 7)
    group(2, 7)
    let resting = desk.order(1, .sell, 1, at: 100)
    desk.order(2, .buy, 1, at: 100, timeInForce: .immediateOrCancel, prevention: .cancelOldest)
    #expect(try desk.only(OrderCancelled.self).orderRequestId == resting, "another master, the same group")
    desk.trader(4, cash: 10_000, master: 1)
    desk.order(1, .sell, 1, at: 100)
    desk.order(4, .buy, 1, at: 100, timeInForce: .immediateOrCancel, prevention: .cancelOldest)
    #expect(desk.all(OrderFilled.self).count == 2, "the same master, no group")
  }
}
