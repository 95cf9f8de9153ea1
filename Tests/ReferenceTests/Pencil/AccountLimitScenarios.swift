import Testing
import Values
import Wire

/// Controls before trading, on the model and on the kernel.
@Suite struct AccountLimitScenarios {
  /// A perpetual at 100; trader 1 with the limits given.
  private func desk(
    _ kind: VenueKind, openOrders: UInt32 = 0, value: Int64 = 0, perSecond: UInt32 = 0, window: UInt32 = 0
  ) -> Desk {
    let desk = Desk(kind, venueDefinition())
    desk.openPerpetual()
    desk.trader(1, cash: 10_000)
    limit(desk, openOrders: openOrders, value: value, perSecond: perSecond, window: window)
    return desk
  }

  private func limit(
    _ desk: Desk, openOrders: UInt32 = 0, value: Int64 = 0, perSecond: UInt32 = 0, window: UInt32 = 0
  ) {
    desk.send(
      SetAccountLimits(
        requestId: desk.next(), account: AccountId(1), openOrders: openOrders, orderValue: Money(value),
        ordersPerSecond: perSecond, duplicateWindow: window))
  }

  @Test("An order is worth its price or the mark, whichever is higher", arguments: VenueKind.allCases)
  func value(kind: VenueKind) throws {
    let desk = desk(kind, value: 1_000)
    desk.order(1, .buy, 11, at: 90)
    #expect(try desk.refusal() == Refusal(.orderValueLimit, 1_000))
    desk.order(1, .sell, 10, at: 101)
    #expect(try desk.refusal() == Refusal(.orderValueLimit, 1_000))
    let order = desk.order(1, .buy, 10, at: 90)
    #expect(desk.all(OrderAccepted.self).count == 1)
    desk.send(
      ReplaceOrder(
        requestId: desk.next(), orderRequestId: order, price: Price(91), quantity: Quantity(11), display: .zero,
        expectedFilled: nil, orderKey: .venue, timeInForce: .goodTillCancel), from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.orderValueLimit, 1_000))
  }

  @Test("So many resting orders at a time, so many new ones in a second", arguments: VenueKind.allCases)
  func counts(kind: VenueKind) throws {
    let desk = desk(kind, openOrders: 2, perSecond: 3)
    desk.wait(until: 5_000_000_000)
    for price: Int64 in [90, 91] { desk.order(1, .buy, 1, at: price) }
    desk.order(1, .buy, 1, at: 92)
    #expect(try desk.refusal() == Refusal(.tooManyOpenOrders, 2))
    desk.order(1, .buy, 1, at: 92, timeInForce: .immediateOrCancel)
    #expect(desk.all(OrderAccepted.self).count == 1, "one that does not rest is no resting order")
    desk.order(1, .buy, 1, at: 93, timeInForce: .immediateOrCancel)
    #expect(try desk.refusal() == Refusal(.orderRateLimit, 3))
    desk.wait(until: 6_000_000_000)
    desk.order(1, .buy, 1, at: 93, timeInForce: .immediateOrCancel)
    #expect(desk.all(OrderAccepted.self).count == 1)
  }

  @Test("The same order again is refused until the window has passed", arguments: VenueKind.allCases)
  func duplicates(kind: VenueKind) throws {
    let desk = desk(kind, window: 100)
    let first = desk.order(1, .buy, 1, at: 90)
    desk.order(1, .buy, 1, at: 90)
    #expect(try desk.refusal() == Refusal(.duplicateOrder, Int64(first)))
    desk.order(1, .buy, 2, at: 90)
    #expect(desk.all(OrderAccepted.self).count == 1)
    desk.order(1, .buy, 1, at: 90)
    #expect(desk.all(OrderAccepted.self).count == 1, "only the last one counts")
    desk.wait(until: desk.time + 100_000_000)
    desk.order(1, .buy, 1, at: 90)
    #expect(desk.all(OrderAccepted.self).count == 1)
    limit(desk)
    desk.order(1, .buy, 1, at: 90)
    #expect(desk.all(OrderAccepted.self).count == 1, "without limits nothing is compared")
  }
}
