import Testing
import Values
import Wire

/// A dead man's switch, on the model and on the kernel.
@Suite struct CountdownScenarios {
  private func desk(_ kind: VenueKind) -> Desk {
    let desk = Desk(kind, venueDefinition(workPerTick: 2))
    desk.openPerpetual()
    desk.trader(1, cash: 10_000)
    desk.trader(2, cash: 10_000, master: 1)
    return desk
  }

  @discardableResult private func set(
    _ desk: Desk, _ milliseconds: UInt32, account: UInt32 = 0, from key: KeyId = Desk.key(1), after: Int64 = 1
  ) -> UInt64 {
    let request = desk.next()
    desk.send(
      SetCountdown(requestId: request, milliseconds: milliseconds, account: AccountId(account)), from: key, after: after
    )
    return request
  }

  private func cancelled(_ desk: Desk) -> [UInt64] {
    desk.all(OrderCancelled.self).filter { $0.reason == .countdown }.map(\.orderRequestId)
  }

  @Test("A countdown that is not begun again cancels what its key entered", arguments: VenueKind.allCases)
  func ends(kind: VenueKind) throws {
    let desk = desk(kind)
    let mine = [desk.order(1, .sell, 1, at: 110), desk.order(1, .sell, 1, at: 111, account: 2)]
    desk.order(2, .sell, 1, at: 112, account: 1)
    set(desk, 1_000)
    #expect(try desk.only(RequestAccepted.self).value == desk.time + 1_000_000_000)
    #expect(desk.venue.nextDue == Timestamp(desk.time + 1_000_000_000))
    let again = set(desk, 2_000, after: 999_999_999)
    desk.tick(work: 10, after: 1_999_999_999)
    #expect(desk.reports.isEmpty)
    // Other requests are no sign of life.
    desk.order(1, .buy, 1, at: 90)
    desk.tick(work: 10)
    #expect(cancelled(desk).count == 3 && cancelled(desk).starts(with: mine.prefix(1)))
    let done = try desk.only(MassCancelDone.self)
    #expect(done.count == 3 && done.requestId == again)
    #expect(desk.venue.nextDue == .never && !desk.venue.hasPendingWork)
    desk.tick(work: 10, after: 10_000_000_000)
    #expect(desk.reports.isEmpty)
  }

  @Test("A countdown of an account takes the orders of all its keys, in slices", arguments: VenueKind.allCases)
  func account(kind: VenueKind) throws {
    let desk = desk(kind)
    let others = desk.order(2, .sell, 1, at: 112, account: 1)
    desk.order(1, .sell, 1, at: 111, account: 2)
    let own = desk.order(1, .sell, 1, at: 110)
    set(desk, 1_000, account: 1)
    desk.tick(work: 2, after: 1_000_000_000)
    #expect(cancelled(desk) == [others] && desk.venue.hasPendingWork)
    // What is covered trades no more.
    desk.order(2, .buy, 1, at: 110, account: 2)
    #expect(cancelled(desk) == [own])
  }

  @Test("A countdown is ended, outlives its session, and has its bounds", arguments: VenueKind.allCases)
  func bounds(kind: VenueKind) throws {
    let desk = desk(kind)
    let order = desk.order(1, .sell, 1, at: 110)
    for wrong: UInt32 in [1, 999, 86_400_001] {
      set(desk, wrong)
      #expect(try desk.refusal() == Refusal(.parameterOutOfRange, SetCountdown.Field.milliseconds))
    }
    set(desk, 1_000, account: 9)
    #expect(try desk.refusal() == Refusal(.unknownAccount))
    desk.trader(3)
    set(desk, 1_000, account: 3)
    #expect(try desk.refusal() == Refusal(.notYourAccount))
    set(desk, 1_000, from: Desk.staff)
    #expect(try desk.refusal() == Refusal(.notPermitted, Int64(Roles.trader.rawValue)))
    set(desk, 1_000)
    set(desk, 0)
    desk.tick(work: 10, after: 2_000_000_000)
    #expect(desk.reports.isEmpty && desk.venue.nextDue == .never)
    desk.send(SessionOpened(connectionId: 5, key: Desk.key(1), cancelOnDisconnect: 0), from: .venue)
    set(desk, 1_000)
    desk.send(SessionClosed(connectionId: 5, key: Desk.key(1)), from: .venue)
    if let venue = desk.venue as? KernelVenue { try venue.restart() }
    desk.tick(work: 10, after: 1_000_000_000)
    #expect(cancelled(desk) == [order])
  }
}
