import Testing
import Values
import Wire

/// Contingent orders that wait for an index, under its guards (a1 10 s, a2 60 s, d 10 %, c 1 %, quorum 2).
@Suite struct IndexTriggerScenarios {
  /// A sale of account 11 that a fall of the index to `trigger` releases.
  private func hold(_ desk: MarkDesk, at trigger: Int64) {
    desk.venue.send(
      NewContingentOrder(
        requestId: 0, account: AccountId(11), instrument: MarkDesk.perpetual, price: Price(50_000),
        quantity: Quantity(1), display: .zero, side: .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .allow, source: .index, condition: .stop, trailing: .none, triggerPrice: Price(trigger),
        partner: 0,
        expiry: Timestamp(0), distance: 0), from: MarkDesk.key(11))
  }

  /// Whether the order is held no more once Ticks have done what there is to do.
  private func isReached(_ desk: MarkDesk) -> Bool {
    desk.wait(0.001)
    let answer = desk.venue.answer(
      QueryOpenOrders(queryId: 1, account: AccountId(11), instrument: .none), for: Cast.staff)
    return DynamicVenue.all(HeldOrderReport.self, in: answer).isEmpty
  }

  @Test("An index that is uncertain or far from its average reaches nothing; a sound one does")
  func doubtful() {
    let desk = MarkDesk()
    hold(desk, at: 59_000)
    // Two sources with a confidence of 1.5 % of the price: the median is 58,900, and not to be trusted.
    for key in MarkDesk.sources.dropLast() { desk.say(58_900, from: key, confidence: 90_000) }
    #expect(!isReached(desk))
    // Sound again, and above the trigger: what was seen in between does not count.
    desk.everybodySays(59_500)
    #expect(!isReached(desk))
    // 12 % below the average.
    for key in MarkDesk.sources { desk.say(52_000, from: key) }
    #expect(!isReached(desk))
    desk.everybodySays(59_500)
    #expect(!isReached(desk))
    desk.everybodySays(59_000)
    #expect(isReached(desk))
  }

  @Test("An index that has grown old does not reach an order that comes, the next one does")
  func old() {
    let desk = MarkDesk()
    desk.wait(11)
    hold(desk, at: 61_000)
    #expect(!isReached(desk))
    desk.everybodySays(60_000)
    #expect(isReached(desk))
  }
}
