import Testing
import Values
import Wire

/// An instrument's life up to its delisting, on the model and on the kernel.
@Suite struct ListingScenarios {
  private func set(
    _ desk: Desk, _ action: ListingAction, _ phase: Phase = .halted, at time: Int64 = 0, from key: KeyId = Desk.staff
  ) {
    desk.send(
      SetListing(
        requestId: desk.next(), instrument: Desk.perpetual, action: action, phase: phase, time: Timestamp(time)),
      from: key)
  }

  private func desk(_ kind: VenueKind) -> Desk {
    let desk = Desk(kind)
    desk.openPerpetual()
    for trader: UInt32 in 1...2 { desk.trader(trader, cash: 10_000) }
    return desk
  }

  @Test("A suspension keeps orders, which may only be cancelled, until it is ended", arguments: VenueKind.allCases)
  func suspension(kind: VenueKind) throws {
    let desk = desk(kind)
    let order = desk.order(1, .sell, 1, at: 100)
    let other = desk.order(1, .sell, 1, at: 101)
    set(desk, .suspend)
    #expect(desk.all(RequestAccepted.self).count == 1)
    desk.order(2, .buy, 1, at: 100)
    #expect(try desk.refusal() == Refusal(.instrumentSuspended))
    desk.send(CancelOrder(requestId: desk.next(), orderRequestId: other, orderKey: .venue), from: Desk.key(1))
    #expect(try desk.only(OrderCancelled.self).orderRequestId == other)
    desk.phase(.continuous)
    #expect(try desk.refusal() == Refusal(.instrumentSuspended))
    desk.send(SetPhase(requestId: desk.next(), instrument: .none, phase: .continuous))
    #expect(try desk.only(RequestAccepted.self).value == 0)
    set(desk, .suspend)
    #expect(try desk.refusal() == Refusal(.listingState, Int64(Listing.suspended.rawValue)))
    set(desk, .resume, .continuous)
    desk.order(2, .buy, 1, at: 100)
    #expect(desk.all(OrderFilled.self).map(\.orderRequestId).contains(order))
    set(desk, .resume, .continuous)
    #expect(try desk.refusal() == Refusal(.listingState, Int64(Listing.active.rawValue)))
  }

  @Test("A pending instrument opens by itself at its time", arguments: VenueKind.allCases)
  func activation(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.phase(.halted)
    let opening = desk.time + 1_000
    set(desk, .activate, .continuous, at: opening)
    #expect(desk.venue.nextDue == Timestamp(opening))
    desk.order(1, .buy, 1, at: 100)
    #expect(try desk.refusal() == Refusal(.instrumentPending, opening))
    desk.phase(.closedToMatching)
    #expect(try desk.refusal() == Refusal(.instrumentPending, opening))
    if let venue = desk.venue as? KernelVenue { try venue.restart() }
    desk.wait(until: opening)
    desk.tick(work: 1)
    #expect(desk.venue.nextDue == .never)
    desk.order(1, .buy, 1, at: 100)
    #expect(desk.all(OrderAccepted.self).count == 1)
    set(desk, .activate, .continuous)
    #expect(try desk.refusal() == Refusal(.listingState, Int64(Listing.active.rawValue)))
  }

  @Test("Steps that cannot be are refused", arguments: VenueKind.allCases)
  func refusals(kind: VenueKind) throws {
    let desk = desk(kind)
    set(desk, .suspend, .continuous)
    #expect(try desk.refusal() == Refusal(.invalidField, SetListing.Field.phase))
    set(desk, .suspend, at: desk.time + 1_000)
    #expect(try desk.refusal() == Refusal(.parameterOutOfRange, SetListing.Field.time))
    desk.phase(.halted)
    set(desk, .activate, at: desk.time - 1)
    #expect(try desk.refusal() == Refusal(.parameterOutOfRange, SetListing.Field.time))
    set(desk, .activate, .continuous, from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.notPermitted, Int64(Roles.operator.rawValue)))
  }

  @Test("A delisted perpetual's orders go in slices, and its positions are settled at its mark")
  func delisting() throws {
    let desk = desk(.kernel)
    desk.order(1, .sell, 5, at: 100)
    desk.order(2, .buy, 5, at: 100)
    let orders = [desk.order(1, .sell, 1, at: 120), desk.order(2, .buy, 1, at: 80)]
    let held = desk.next()
    desk.send(
      NewContingentOrder(
        requestId: held, account: AccountId(2), instrument: Desk.perpetual, price: Price(1), quantity: Quantity(1),
        display: .zero, side: .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .cancelNewest, source: .mark, condition: .stop, trailing: .none,
        triggerPrice: Price(80), partner: 0, expiry: Timestamp(0), distance: 0),
      from: Desk.key(2))
    desk.mark(110)
    set(desk, .delist, at: desk.time + 500)
    desk.order(1, .buy, 1, at: 60)
    #expect(desk.all(OrderAccepted.self).count == 1, "until then everything goes on")
    let late = desk.time
    let venue = try #require(desk.venue as? KernelVenue)
    try venue.restart()
    var cancelled: [OrderCancelled] = []
    var settled: [PositionSettled] = []
    desk.tick(work: 1, after: 500)
    for _ in 1...8 {
      cancelled += desk.all(OrderCancelled.self)
      settled += desk.all(PositionSettled.self)
      try venue.restart()
      desk.tick(work: 1)
    }
    #expect(desk.time > late)
    #expect(cancelled.map(\.orderRequestId).contains(orders[0]) && cancelled.map(\.orderRequestId).contains(orders[1]))
    #expect(cancelled.count == 4 && cancelled.last?.orderRequestId == held)
    #expect(cancelled.allSatisfy { $0.reason == .instrumentDelisted })
    // Five lots that were sold at 100 are worth 110.
    #expect(settled.map(\.amount) == [Money(Int64(-50)), Money(Int64(50))])
    #expect(settled.map(\.price) == [Price(110), Price(110)])
    #expect(try desk.margin(1) == Figures(equity: 9_951, initial: 0, maintenance: 0))
    desk.order(1, .buy, 1, at: 100)
    #expect(try desk.refusal() == Refusal(.instrumentDelisted))
    set(desk, .activate, .continuous)
    #expect(try desk.refusal() == Refusal(.instrumentDelisted))
    desk.phase(.halted)
    #expect(try desk.refusal() == Refusal(.instrumentDelisted))
    desk.openPerpetual()
    desk.order(1, .buy, 1, at: 100)
    #expect(try desk.refusal() == Refusal(.instrumentDelisted), "its id is not used again")
    let report = try #require(
      venue.answer(QueryInstruments(queryId: 1), for: Desk.staff).first?.decoded(InstrumentReport.self))
    #expect(report.listing == .delisted && report.openInterest == .zero)
  }

  @Test("A delisted pair gives back what its orders reserved")
  func spot() throws {
    let desk = Desk(.kernel)
    desk.openSpot()
    desk.trader(1, cash: 100, mayBorrow: false)
    desk.order(1, .buy, 1, at: 100, Desk.spot)
    desk.withdraw(100, from: 1)
    #expect(desk.all(BalanceChanged.self).isEmpty)
    desk.send(
      SetListing(
        requestId: desk.next(), instrument: Desk.spot, action: .delist, phase: .halted, time: Timestamp(0)))
    desk.tick(work: 10)
    #expect(desk.all(OrderCancelled.self).map(\.reason) == [.instrumentDelisted])
    desk.withdraw(100, from: 1)
    #expect(desk.all(BalanceChanged.self).count == 1)
  }
}
