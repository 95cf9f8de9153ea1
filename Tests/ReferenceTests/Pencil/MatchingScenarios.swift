import Testing
import Values
import Wire

/// Who trades with whom, and who must not, on the model and on the kernel.
@Suite struct MatchingScenarios {
  /// A perpetual at 100 and three traders with 10,000 each.
  private func desk(_ kind: VenueKind, _ definition: DefineVenue = venueDefinition()) -> Desk {
    let desk = Desk(kind, definition)
    desk.openPerpetual()
    for trader: UInt32 in 1...3 { desk.trader(trader, cash: 10_000) }
    return desk
  }

  @Test("An iceberg shows its tip and goes to the back when the tip is gone", arguments: VenueKind.allCases)
  func iceberg(kind: VenueKind) throws {
    let desk = desk(kind)
    let iceberg = desk.order(1, .sell, 10, at: 100, display: 3)
    let plain = desk.order(2, .sell, 5, at: 100)
    desk.order(3, .buy, 9, at: 100)
    let makers = desk.all(OrderFilled.self).filter { $0.liquidity == .maker }
    // 3 shown, the 5 behind it, then 1 of the next 3.
    #expect(makers.map(\.orderRequestId) == [iceberg, plain, iceberg])
    #expect(makers.map(\.quantity.rawValue) == [3, 5, 1])
    #expect(makers.last?.open == Quantity(6))
  }

  @Test("Fill or kill counts hidden lots, and refuses with the lots that are certain", arguments: VenueKind.allCases)
  func fillOrKill(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(1, .sell, 10, at: 100, display: 3)
    desk.order(3, .buy, 11, at: 100, timeInForce: .fillOrKill)
    #expect(try desk.refusal() == Refusal(.fillOrKill, 10))
    desk.order(3, .buy, 10, at: 100, timeInForce: .fillOrKill)
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .taker }.map(\.quantity.rawValue) == [3, 3, 3, 1])
  }

  @Test("An immediate order expires with what it could not trade", arguments: VenueKind.allCases)
  func immediateOrCancel(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(1, .sell, 4, at: 100)
    desk.order(2, .buy, 6, at: 100, type: .market, timeInForce: .immediateOrCancel)
    let expired = try desk.only(OrderExpired.self)
    #expect(expired.quantity == Quantity(2) && expired.filled == Quantity(4) && expired.reason == .immediateOrCancel)
    // Nothing of it is reserved any more: 10 % of 400 for the position.
    #expect(Figures(expired.margin) == Figures(equity: 10_000, initial: 40, maintenance: 20))
  }

  @Test("Self-trade prevention works for the master", arguments: VenueKind.allCases)
  func selfTrade(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.trader(4, cash: 10_000, master: 1)
    func resting() -> UInt64 { desk.order(1, .sell, 2, at: 100) }
    func taken(_ prevention: SelfTradePrevention) -> [UInt64] {
      desk.order(4, .buy, 2, at: 100, timeInForce: .immediateOrCancel, prevention: prevention)
      return desk.all(OrderCancelled.self).filter { $0.reason == .selfTrade }.map(\.orderRequestId)
    }
    let first = resting()
    #expect(taken(.cancelNewest) == [first + 1])
    #expect(taken(.cancelOldest) == [first])
    let second = resting()
    #expect(taken(.cancelBoth) == [second, second + 1])
    _ = resting()
    #expect(taken(.allow).isEmpty && desk.all(OrderFilled.self).count == 2)
  }

  @Test("Reduce-only never opens: it is trimmed to the position and then cancelled", arguments: VenueKind.allCases)
  func reduceOnly(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(2, .buy, 5, at: 99, flags: .reduceOnly)
    #expect(try desk.refusal() == Refusal(.notReducing, 0))
    desk.order(1, .sell, 3, at: 100)
    desk.order(2, .buy, 3, at: 100)
    let closing = desk.order(2, .sell, 5, at: 100, flags: .reduceOnly)
    desk.order(3, .buy, 5, at: 100)
    #expect(desk.all(OrderFilled.self).map(\.quantity.rawValue) == [3, 3])
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.orderRequestId == closing && cancelled.quantity == Quantity(2))
    #expect(cancelled.reason == .reduceOnly && cancelled.filled == Quantity(3))
  }

  @Test("A replace that only shrinks keeps its place; any other goes to the back", arguments: VenueKind.allCases)
  func replace(kind: VenueKind) throws {
    let desk = desk(kind)
    let first = desk.order(1, .sell, 5, at: 100)
    let second = desk.order(2, .sell, 5, at: 100)
    func replace(_ trader: UInt32, _ order: UInt64, _ quantity: Int64) throws -> Bool {
      desk.send(
        ReplaceOrder(
          requestId: desk.next(), orderRequestId: order, price: Price(100), quantity: Quantity(quantity),
          display: Quantity(0), expectedFilled: Quantity(0), orderKey: .venue, timeInForce: .goodTillCancel),
        from: Desk.key(trader))
      return try desk.only(OrderReplaced.self).keptPriorityCode == 1
    }
    #expect(try replace(1, first, 4))
    desk.order(3, .buy, 1, at: 100)
    #expect(desk.all(OrderFilled.self).first?.orderRequestId == first)
    desk.send(
      ReplaceOrder(
        requestId: desk.next(), orderRequestId: first, price: Price(100), quantity: Quantity(2), display: Quantity(0),
        expectedFilled: Quantity(0), orderKey: .venue, timeInForce: .goodTillCancel),
      from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.filledMeanwhile, 1))
    #expect(try replace(2, second, 6) == false)
    desk.order(3, .buy, 4, at: 100)
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .maker }.map(\.orderRequestId) == [first, second])
  }

  @Test("An iceberg may shrink below its display and keeps its place", arguments: VenueKind.allCases)
  func shrinkingIceberg(kind: VenueKind) throws {
    let desk = desk(kind)
    let iceberg = desk.order(1, .sell, 9, at: 100, display: 6)
    let plain = desk.order(2, .sell, 5, at: 100)
    func replace(_ quantity: Int64, display: Int64) {
      desk.send(
        ReplaceOrder(
          requestId: desk.next(), orderRequestId: iceberg, price: Price(100), quantity: Quantity(quantity),
          display: Quantity(display), expectedFilled: nil, orderKey: .venue, timeInForce: .goodTillCancel),
        from: Desk.key(1))
    }
    // 7 are open, 4 of them shown: to 5 with all of them as display, to 3 with the display it then has.
    desk.order(3, .buy, 2, at: 100)
    replace(5, display: 6)
    #expect(try desk.refusal() == Refusal(.invalidDisplay, 5))
    replace(5, display: 5)
    #expect(try desk.only(OrderReplaced.self).keptPriorityCode == 1)
    replace(3, display: 3)
    #expect(try desk.only(OrderReplaced.self).keptPriorityCode == 1)
    desk.order(3, .buy, 4, at: 100)
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .maker }.map(\.orderRequestId) == [iceberg, plain])
    #expect(desk.all(OrderFilled.self).filter { $0.liquidity == .maker }.map(\.quantity.rawValue) == [3, 1])
  }

  @Test("Without free margin only orders that reduce, below maintenance none", arguments: VenueKind.allCases)
  func withoutFreeMargin(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.trader(4, cash: 100)
    desk.order(1, .sell, 10, at: 100)
    desk.order(4, .buy, 10, at: 100)
    desk.mark(98)
    // Equity 80, initial 98, maintenance 49: free −18, cushion 31.
    desk.order(4, .buy, 1, at: 98)
    #expect(try desk.refusal() == Refusal(.insufficientMargin, -18))
    desk.order(4, .sell, 11, at: 98)
    #expect(try desk.refusal() == Refusal(.insufficientMargin, -18))
    desk.order(4, .sell, 2, at: 98)
    #expect(Figures(try desk.only(OrderAccepted.self).margin) == Figures(equity: 80, initial: 98, maintenance: 49))
    // Selling 2 at 60 loses 76 and frees 19.
    desk.order(4, .sell, 2, at: 60)
    #expect(try desk.refusal() == Refusal(.insufficientMargin, -75))
    // Selling 2 at 90 loses 16 and frees 19, and leaves 64 against a maintenance margin of ⌈39.2⌉.
    desk.order(3, .buy, 2, at: 90)
    desk.order(4, .sell, 2, at: 90)
    #expect(
      Figures(try #require(desk.all(OrderFilled.self).last).margin) == Figures(equity: 64, initial: 79, maintenance: 40)
    )
    desk.mark(94)
    // Equity 32, maintenance ⌈37.6⌉.
    desk.order(4, .sell, 1, at: 94)
    #expect(try desk.refusal() == Refusal(.belowMaintenance, -6))
  }

  @Test("A maker who can no longer afford the fill is cancelled", arguments: VenueKind.allCases)
  func makerMargin(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.trader(4, cash: 100)
    let order = desk.order(4, .buy, 10, at: 100)
    desk.mark(95)
    // 10 % of 950 and 10 × 5 lost at once: more than 100.
    desk.order(1, .sell, 10, at: 100)
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.orderRequestId == order && cancelled.reason == .makerMargin)
    #expect(desk.all(OrderFilled.self).isEmpty)
  }

  @Test("A taker without free margin stops at the fill that would not reduce its risk", arguments: VenueKind.allCases)
  func takerMargin(kind: VenueKind) throws {
    let desk = Desk(kind)
    desk.openPerpetual(initial: 60_000_000)
    for trader: UInt32 in 1...2 { desk.trader(trader, cash: 10_000) }
    desk.trader(4, cash: 90)
    desk.order(1, .sell, 10, at: 100)
    desk.order(4, .buy, 10, at: 100)
    desk.mark(96)
    desk.order(2, .buy, 1, at: 91)
    // Equity 50, initial 58, maintenance 48. Closing all 10 at 91 would leave nothing, and that is allowed; but one at
    // 91 loses 5 and frees only 4 of the maintenance margin.
    desk.order(4, .sell, 10, at: 91, timeInForce: .immediateOrCancel)
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.reason == .takerMargin && cancelled.quantity == Quantity(10))
    #expect(Figures(cancelled.margin) == Figures(equity: 50, initial: 58, maintenance: 48))
  }

  @Test("A maker who can no longer pay without borrowing is cancelled", arguments: VenueKind.allCases)
  func makerBalance(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.openSpot()
    desk.trader(4, cash: 1_000, mayBorrow: false)
    desk.order(1, .sell, 10, at: 100)
    desk.order(4, .buy, 10, at: 100)
    let bid = desk.order(4, .buy, 9, at: 100, Desk.spot)
    desk.mark(50)
    desk.order(2, .buy, 10, at: 50)
    desk.order(4, .sell, 10, at: 50)
    // 500 are lost: 500 are left for a bid of 900.
    desk.deposit(5, to: 1, asset: Desk.coin)
    desk.order(1, .sell, 5, at: 100, Desk.spot)
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.orderRequestId == bid && cancelled.reason == .makerBalance)
  }

  @Test("Spot moves two balances; who may not borrow needs the balance", arguments: VenueKind.allCases)
  func spot(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.openSpot(takerFee: 1_000_000)
    desk.trader(4, cash: 1_000, mayBorrow: false)
    desk.deposit(5, to: 1, asset: Desk.coin)
    desk.order(1, .sell, 5, at: 100, Desk.spot)
    desk.order(4, .buy, 11, at: 100, Desk.spot)
    // 1,100 and a fee of ⌈1.1⌉.
    #expect(try desk.refusal() == Refusal(.insufficientMargin, -2) || desk.refusal().reason == .insufficientBalance)
    desk.order(4, .buy, 5, at: 100, Desk.spot)
    let bought = try #require(desk.all(OrderFilled.self).last)
    #expect(bought.fee == Money(Int64(1)) && bought.position == Quantity(0))
    // 1,000 − 500 − 1, and 5 coins of 100.
    #expect(Figures(bought.margin) == Figures(equity: 999, initial: 0, maintenance: 0))
    desk.order(4, .sell, 6, at: 100, Desk.spot)
    #expect(try desk.refusal() == Refusal(.insufficientBalance, 1))
  }

  @Test("One command makes at most 4,096 fills and 4,096 cancels", arguments: VenueKind.allCases)
  func bounds(kind: VenueKind) throws {
    let desk = Desk(kind, venueDefinition(accounts: 64, keys: 64))
    desk.openPerpetual()
    let makers: ClosedRange<UInt32> = 1...41
    for maker in makers { desk.trader(maker, cash: 1_100) }
    desk.trader(50, cash: 1_000_000)
    func fillBook() {
      for maker in makers { for _ in 0..<100 { desk.order(maker, .sell, 1, at: 100) } }
    }
    fillBook()
    desk.order(50, .buy, 4_100, at: 100, timeInForce: .fillOrKill)
    let refusal = try desk.refusal()
    #expect(refusal == Refusal(.fillOrKill, 4_096))
    // At 1,500 no maker can afford a fill at 100.
    desk.mark(1_500)
    desk.order(50, .buy, 10, at: 100)
    #expect(desk.all(OrderCancelled.self).filter { $0.reason == .makerMargin }.count == 4_096)
    let unfilled = desk.all(OrderCancelled.self).last
    #expect(unfilled?.reason == .matchLimit && unfilled?.quantity == Quantity(10))
    desk.mark(100)
    fillBook()
    desk.order(50, .buy, 4_104, at: 100)
    #expect(desk.all(OrderFilled.self).count == 2 * 4_096)
    let rest = try desk.only(OrderCancelled.self)
    #expect(rest.reason == .matchLimit && rest.quantity == Quantity(8) && rest.filled == Quantity(4_096))
  }
}
