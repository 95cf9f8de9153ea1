import Testing
import Values
import Wire

/// Quotes of market makers, on the model and on the kernel. Initial margin is 10 % of the worse side at a mark of 100.
@Suite struct QuoteScenarios {
  /// A market maker (1) with `cash`, traders 2 and 3 with 10,000.
  private func desk(_ kind: VenueKind, cash: Int64 = 1_000) -> Desk {
    let desk = Desk(kind, venueDefinition())
    desk.openPerpetual()
    for trader: UInt32 in 1...3 { desk.trader(trader, cash: trader == 1 ? cash : 10_000) }
    desk.send(ChangeKeyRoles(requestId: 3, key: Desk.key(1), roles: [.trader, .marketMaker]), from: .venue)
    return desk
  }

  /// Bid price and lots, ask price and lots.
  private typealias Entry = (Int64, Int64, Int64, Int64)

  @discardableResult private func quote(
    _ desk: Desk, _ entries: [Entry], postOnly: Bool = false, instruments: [UInt32]? = nil, from key: KeyId? = nil
  ) -> UInt64 {
    let request = desk.next()
    let rows = entries.enumerated().map { index, entry in
      MassQuote.Row(
        bidPrice: Price(entry.0), bidQuantity: Quantity(entry.1), askPrice: Price(entry.2),
        askQuantity: Quantity(entry.3), instrument: InstrumentId(instruments?[index] ?? 1))
    }
    let message = MassQuote(
      requestId: request, account: AccountId(1), isPostOnly: postOnly, selfTradePrevention: .cancelNewest)
    desk.send(frameBytes(message, rows: rows), from: key ?? Desk.key(1))
    return request
  }

  private func outcomes(_ desk: Desk) throws -> [QuotesAcknowledged.Row] {
    let report = try #require(desk.reports.last { $0.template == .quotesAcknowledged })
    return report.withFrame { $0.rows(of: QuotesAcknowledged.self) }
  }

  @Test("A quote is two orders that ask for the margin of the worse one", arguments: VenueKind.allCases)
  func margin(kind: VenueKind) throws {
    let desk = desk(kind)
    let request = quote(desk, [(99, 50, 101, 60)])
    let report = try desk.only(QuotesAcknowledged.self)
    // 60 × 100 × 10 %; the bid at 99 and the ask at 101 lose nothing against the mark.
    #expect(Figures(report.margin) == Figures(equity: 1_000, initial: 600, maintenance: 0))
    let row = try outcomes(desk)[0]
    #expect(row.bidOpen == Quantity(50) && row.askOpen == Quantity(60) && row.reason == nil && row.detail == 0)
    desk.order(2, .buy, 10, at: 101)
    let fill = try #require(desk.all(OrderFilled.self).first { $0.liquidity == .maker })
    #expect(fill.orderRequestId == request && fill.side == .sell && fill.open == Quantity(50))
  }

  @Test("A quote is replaced as a pair: old and new are never counted together", arguments: VenueKind.allCases)
  func replacing(kind: VenueKind) throws {
    let desk = desk(kind)
    quote(desk, [(99, 90, 101, 90)])
    // 900 of 1,000 are taken; the new pair alone takes 950.
    quote(desk, [(98, 95, 102, 95)])
    #expect(try desk.only(QuotesAcknowledged.self).margin.initialMargin.wireValue == 950)
    #expect(desk.reports.count == 1, "the acknowledgement says it all")
    // 1,010 of 1,000: refused, and what was there stands, both sides of it.
    quote(desk, [(97, 1, 103, 101)])
    let row = try outcomes(desk)[0]
    #expect(row.reason == .insufficientMargin && row.detail == -10)
    #expect(row.bidOpen == Quantity(95) && row.askOpen == Quantity(95))
  }

  @Test("Each entry stands by itself", arguments: VenueKind.allCases)
  func entries(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.openPerpetual(InstrumentId(3))
    quote(
      desk, [(99, 5, 101, 5), (101, 5, 101, 5), (99, -1, 101, 5), (99, 5, 101, 5), (98, 3, 0, 0)],
      instruments: [1, 3, 3, 9, 3])
    let rows = try outcomes(desk)
    #expect(rows.map(\.reason) == [nil, .quoteCrossed, .invalidQuantity, .unknownInstrument, nil])
    #expect(rows[1].detail == 101 && rows[4].bidOpen == Quantity(3) && rows[4].askOpen == .zero)
  }

  @Test("The same price and fewer lots keep the place in the queue, more lots lose it", arguments: VenueKind.allCases)
  func priority(kind: VenueKind) throws {
    for (lots, makers) in [(Int64(4), [KeyId(101), KeyId(102)]), (6, [KeyId(102), KeyId(101)])] {
      let desk = desk(kind)
      quote(desk, [(99, 5, 101, 5)])
      desk.order(2, .buy, 5, at: 99)
      quote(desk, [(99, lots, 102, 5)])
      desk.order(3, .sell, 9, at: 99)
      let fills = desk.reports.filter { $0.decoded(OrderFilled.self)?.liquidity == .maker }
      #expect(fills.map(\.key) == makers)
    }
  }

  @Test("A quote takes what it crosses, and says so before it is acknowledged", arguments: VenueKind.allCases)
  func taking(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(2, .sell, 3, at: 100)
    quote(desk, [(100, 5, 102, 5)], postOnly: true)
    #expect(try outcomes(desk)[0].reason == .postOnlyWouldCross)
    let request = quote(desk, [(100, 5, 102, 5)])
    #expect(desk.reports.map(\.template) == [.orderFilled, .orderFilled, .quotesAcknowledged])
    #expect(desk.all(OrderFilled.self)[1].orderRequestId == request)
    #expect(try outcomes(desk)[0].bidOpen == Quantity(2))
  }

  @Test("A post-only quote moves past its own other side", arguments: VenueKind.allCases)
  func moving(kind: VenueKind) throws {
    let desk = desk(kind)
    quote(desk, [(99, 5, 101, 5)], postOnly: true)
    quote(desk, [(102, 5, 104, 5)], postOnly: true)
    #expect(try outcomes(desk)[0].reason == nil && desk.reports.count == 1)
    desk.order(2, .sell, 1, at: 90)
    #expect(desk.all(OrderFilled.self).first?.price == Price(102))
  }

  @Test("Zero pulls a side, a mass cancel of quotes leaves orders alone", arguments: VenueKind.allCases)
  func pulling(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.order(1, .buy, 1, at: 90)
    quote(desk, [(99, 5, 101, 5)])
    quote(desk, [(0, 0, 101, 5)])
    #expect(try outcomes(desk)[0].bidOpen == .zero && outcomes(desk)[0].askOpen == Quantity(5))
    desk.send(
      MassCancel(requestId: desk.next(), account: AccountId(1), instrument: .none, side: .both, quotesOnly: true),
      from: Desk.key(1))
    let cancelled = try desk.only(OrderCancelled.self)
    #expect(
      cancelled.side == .sell && cancelled.quantity == Quantity(5) && cancelled.margin.initialMargin.wireValue == 10)
    quote(desk, [(0, 0, 0, 0)])
    #expect(try outcomes(desk)[0].reason == nil && desk.reports.count == 1)
  }

  @Test("Only market makers quote, traders or not", arguments: VenueKind.allCases)
  func roles(kind: VenueKind) throws {
    let desk = desk(kind)
    quote(desk, [(99, 5, 101, 5)], from: Desk.key(2))
    #expect(try desk.refusal() == Refusal(.notPermitted, Int64(Roles.marketMaker.rawValue)))
    desk.send(ChangeKeyRoles(requestId: 4, key: Desk.key(1), roles: .marketMaker), from: .venue)
    quote(desk, [(99, 5, 101, 5)])
    #expect(try outcomes(desk)[0].reason == nil)
  }

  @Test("Limits of open orders and of new orders per second count both sides", arguments: VenueKind.allCases)
  func limits(kind: VenueKind) throws {
    let desk = desk(kind)
    desk.send(
      SetAccountLimits(
        requestId: desk.next(), account: AccountId(1), openOrders: 2, orderValue: .zero, ordersPerSecond: 4,
        duplicateWindow: 0))
    desk.openPerpetual(InstrumentId(3))
    quote(desk, [(99, 5, 101, 5), (99, 5, 101, 5), (98, 5, 102, 5), (97, 5, 103, 5)], instruments: [1, 3, 1, 1])
    let rows = try outcomes(desk)
    #expect(rows.map(\.reason) == [nil, .tooManyOpenOrders, nil, .orderRateLimit])
    #expect(rows[1].detail == 2 && rows[3].detail == 4 && rows[3].bidOpen == Quantity(5))
  }
}
