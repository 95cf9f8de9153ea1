import Testing
import Values
import Wire

/// Mass cancels, kill switches and lost sessions, on the model and on the kernel.
@Suite struct CancelScenarios {
  private func desk(_ kind: VenueKind, workPerTick: UInt32) -> Desk {
    let desk = Desk(kind, venueDefinition(workPerTick: workPerTick))
    desk.openPerpetual()
    for trader: UInt32 in 1...2 { desk.trader(trader, cash: 10_000) }
    return desk
  }

  private func cancelled(_ desk: Desk, _ reason: CancelReason) -> [UInt64] {
    desk.all(OrderCancelled.self).filter { $0.reason == reason }.map(\.orderRequestId)
  }

  @Test("A mass cancel works in slices, and its orders trade no more from the start", arguments: VenueKind.allCases)
  func slices(kind: VenueKind) throws {
    let desk = desk(kind, workPerTick: 2)
    let orders = (0..<5).map { _ in desk.order(1, .sell, 1, at: 100) }
    let request = desk.next()
    desk.send(
      MassCancel(requestId: request, account: AccountId(1), instrument: .none, side: .both), from: Desk.key(1))
    #expect(try desk.only(RequestAccepted.self).requestId == request)
    #expect(cancelled(desk, .requested) == [orders[0], orders[1]] && desk.venue.hasPendingWork)
    let later = desk.order(1, .sell, 1, at: 100)
    desk.order(2, .buy, 2, at: 100)
    // The three gated orders are given up, then the new one trades.
    #expect(cancelled(desk, .requested) == [orders[2], orders[3], orders[4]])
    #expect(desk.all(OrderFilled.self).first?.orderRequestId == later)
    desk.tick(work: 1)
    #expect(try desk.only(MassCancelDone.self).count == 5)
    #expect(!desk.venue.hasPendingWork)
  }

  @Test("A kill switch cancels and refuses until it is released", arguments: VenueKind.allCases)
  func killSwitch(kind: VenueKind) throws {
    let desk = desk(kind, workPerTick: 100)
    let order = desk.order(1, .sell, 1, at: 100)
    func set(_ engaged: Bool) {
      desk.send(SetKillSwitch(requestId: desk.next(), target: 0, scope: .venue, engaged: engaged))
    }
    set(true)
    #expect(cancelled(desk, .killSwitch) == [order])
    #expect(desk.all(MassCancelDone.self).map(\.count) == [1])
    desk.order(2, .buy, 1, at: 100)
    #expect(try desk.refusal() == Refusal(.killSwitchEngaged, Int64(KillScope.venue.rawValue)))
    set(false)
    desk.order(2, .buy, 1, at: 100)
    #expect(desk.all(OrderAccepted.self).count == 1)
  }

  @Test("A lost session's orders are cancelled when its window has passed", arguments: VenueKind.allCases)
  func lostSession(kind: VenueKind) throws {
    let desk = desk(kind, workPerTick: 100)
    func open(_ connection: UInt64) {
      desk.send(
        SessionOpened(connectionId: connection, key: Desk.key(1), cancelOnDisconnect: 10), from: .venue)
    }
    func close(_ connection: UInt64) {
      desk.send(SessionClosed(connectionId: connection, key: Desk.key(1)), from: .venue)
    }
    open(1)
    let order = desk.order(1, .sell, 1, at: 100)
    close(1)
    #expect(desk.venue.nextDue < .never)
    desk.tick(work: 10, after: 9_000_000)
    #expect(desk.reports.isEmpty)
    open(2)
    close(1)
    desk.tick(work: 10, after: 20_000_000)
    #expect(desk.reports.isEmpty)
    close(2)
    desk.tick(work: 10, after: 10_000_000)
    #expect(cancelled(desk, .disconnected) == [order])
    #expect(desk.reports.count == 1 && desk.venue.nextDue == .never)
  }

  @Test("Every request is answered once, and a repeated one changes nothing", arguments: VenueKind.allCases)
  func duplicates(kind: VenueKind) throws {
    let desk = desk(kind, workPerTick: 100)
    let order = desk.order(1, .sell, 1, at: 100)
    let number = try desk.only(OrderAccepted.self).reportNumber
    desk.send(CancelOrder(requestId: order, orderRequestId: order, orderKey: .venue), from: Desk.key(1))
    #expect(try desk.refusal() == Refusal(.duplicateRequest, Int64(order)))
    #expect(try desk.only(OrderRejected.self).reportNumber == 0)
    desk.send(CancelOrder(requestId: desk.next(), orderRequestId: order, orderKey: .venue), from: Desk.key(1))
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(cancelled.reportNumber == number + 1 && cancelled.quantity == Quantity(1))
    desk.send(CancelOrder(requestId: desk.next(), orderRequestId: order, orderKey: .venue), from: Desk.key(2))
    #expect(try desk.refusal() == Refusal(.unknownOrder))
    desk.send(CancelOrder(requestId: 9, orderRequestId: order, orderKey: .venue), from: KeyId(77))
    #expect(try desk.refusal() == Refusal(.unknownKey))
  }
}
