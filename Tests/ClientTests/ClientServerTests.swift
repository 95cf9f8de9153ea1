import Testing
import Values
import Wire

@testable import Client

@Suite("The blocking client with a real server", .serialized) struct ClientServerTests {
  @Test func anOrderIsSentAndItsReportsCome() throws {
    try withVenue { venue in
      let client = try venue.client(key: 101)
      let establishment = try client.connect()
      #expect("\(establishment.identity.venueName)" == "test")
      #expect(establishment.identity.roles == .trader)

      let order = try client.newOrder(
        account: AccountId(1), instrument: InstrumentId(1), side: .buy, price: Price(100), quantity: Quantity(5))
      guard case .accepted(let report) = try client.answer(to: order) else {
        Issue.record("not accepted")
        return
      }
      #expect(report.quantity == Quantity(5))
      #expect(client.pendingRequests.isEmpty)

      let cancel = try client.cancel(order: order)
      guard case .cancelled(let cancelled) = try client.answer(to: cancel) else {
        Issue.record("not cancelled")
        return
      }
      #expect(cancelled.orderRequestId == order)
      #expect(try client.next(timeout: .milliseconds(20)) == nil)
    }
  }

  @Test func aRejectIsThrownWithItsReason() throws {
    try withVenue { venue in
      let client = try venue.client(key: 101)
      try client.connect()
      let error = #expect(throws: ClientError.self) {
        try client.perform(Deposit(requestId: 0, account: AccountId(1), asset: .settlement, amount: Money(Int64(5))))
      }
      guard case .rejected(let rejection) = error else {
        Issue.record("another error: \(String(describing: error))")
        return
      }
      #expect(rejection.reason == .notPermitted)
    }
  }

  @Test func aWrongKeyIsRefused() throws {
    try withVenue { venue in
      let client = try Client(to: venue.address, key: KeyId(101), keyPair: .generate())
      #expect(throws: ClientError.terminated(.notAuthenticated, detail: 0)) { try client.connect() }
      #expect(!client.isConnected)
      #expect(throws: ClientError.self) { try client.cancel(order: 1) }
    }
  }

  @Test func nobodyListening() throws {
    let client = try Client(to: "127.0.0.1:1", key: KeyId(1), keyPair: .generate())
    let error = #expect(throws: ClientError.self) { try client.connect() }
    #expect(error?.description.hasPrefix("Cannot connect to 127.0.0.1:1: Connection refused.") == true)
  }

  @Test func aQueryIsAnsweredWhileReportsAreKept() throws {
    try withVenue { venue in
      let client = try venue.client(key: 101)
      try client.connect()
      let order = try client.newOrder(
        account: AccountId(1), instrument: InstrumentId(1), side: .buy, price: Price(100), quantity: Quantity(5))
      let rows = try client.rows(QueryOpenOrders(queryId: 0, account: AccountId(1), instrument: .none)).rows
      guard case .openOrder(let row) = rows.first else {
        Issue.record("no row")
        return
      }
      #expect(row.orderRequestId == order)
      guard case .accepted(let report) = try client.next() else {
        Issue.record("the report was lost")
        return
      }
      #expect(report.orderRequestId == order)
    }
  }

  @Test func afterALostConnectionTheMissedReportsCome() throws {
    try withVenue { venue in
      let maker = try venue.client(key: 101)
      let taker = try venue.client(key: 102)
      try maker.connect()
      try taker.connect()
      let resting = try maker.newOrder(
        account: AccountId(1), instrument: InstrumentId(1), side: .sell, price: Price(100), quantity: Quantity(5))
      _ = try maker.answer(to: resting)
      maker.disconnect()
      let order = try taker.newOrder(
        account: AccountId(2), instrument: InstrumentId(1), side: .buy, price: Price(100), quantity: Quantity(3))
      _ = try taker.answer(to: order)

      let establishment = try maker.reconnect(within: .seconds(5))
      #expect(establishment.terms.lastRequest == resting)
      guard case .filled(let fill) = try maker.next(timeout: .seconds(5)) else {
        Issue.record("the fill was not sent again")
        return
      }
      #expect(fill.orderRequestId == resting)
      #expect(fill.quantity == Quantity(3))
      #expect(fill.liquidity == .maker)
      let next = try maker.newOrder(
        account: AccountId(1), instrument: InstrumentId(1), side: .sell, price: Price(101), quantity: Quantity(1))
      #expect(next == resting + 1)
      _ = try maker.answer(to: next)
    }
  }

  @Test func aRestartOfTheServerIsSurvived() throws {
    try withVenue { venue in
      let client = try venue.client(key: 101)
      try client.connect()
      let order = try client.newOrder(
        account: AccountId(1), instrument: InstrumentId(1), side: .buy, price: Price(100), quantity: Quantity(5))
      _ = try client.answer(to: order)
      #expect(venue.stop() == 0)
      let event = try client.next(timeout: .seconds(5))
      #expect(event == .terminated(Terminate(reason: .shutdown, detail: 0)))
      #expect(throws: ClientError.terminated(.shutdown, detail: 0)) { try client.next() }

      try venue.start()
      let again = try venue.client(key: 101, continuing: client.session)
      #expect(try again.connect().terms.lastReport == client.session.lastReport)
      let rows = try again.rows(QueryOpenOrders(queryId: 0, account: AccountId(1), instrument: .none)).rows
      #expect(rows.count == 1)
    }
  }

  @Test func aBatchOfManyOrdersIsAnsweredInOrder() throws {
    try withVenue { venue in
      let client = try venue.client(key: 101)
      try client.connect()
      let orders = try client.batch { client throws(ClientError) in
        var orders: [UInt64] = []
        for index in 0..<500 {
          orders.append(
            try client.newOrder(
              account: AccountId(1), instrument: InstrumentId(1), side: .buy, price: Price(Int64(1 + index % 90)),
              quantity: Quantity(1)))
        }
        return orders
      }
      var answered: [UInt64] = []
      while answered.count < orders.count, let event = try client.next(timeout: .seconds(10)) {
        answered.append(event.requestId)
      }
      #expect(answered == orders)
    }
  }

  @Test func theBookIsKeptFromTheFeed() throws {
    try withVenue { venue in
      let client = try venue.client(key: 101)
      try client.connect()
      try client.ask(Subscribe(queryId: 0, instrument: InstrumentId(1), feed: .levels))
      for (price, lots) in [(99, 5), (98, 2), (99, 1)] {
        try client.newOrder(
          account: AccountId(1), instrument: InstrumentId(1), side: .buy, price: Price(Int64(price)),
          quantity: Quantity(Int64(lots)))
      }
      var book = LevelBook(instrument: InstrumentId(1))
      while book.bids.map(\.quantity.rawValue) != [6, 2], let event = try client.next(timeout: .seconds(5)) {
        book.apply(event)
      }
      #expect(book.bids.map(\.price.rawValue) == [99, 98])
      #expect(book.bids.map(\.orders) == [2, 1])
    }
  }
}

private func withVenue(_ body: (RunningVenue) throws -> Void) throws {
  let venue = RunningVenue()
  defer { venue.remove() }
  try venue.start()
  try body(venue)
  _ = venue.stop()
}
