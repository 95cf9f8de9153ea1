import Testing
import Values
import Wire

/// Value at risk against stress tests: every sample of the history is a shock, and what a stress test says of it is
/// reckoned by other code.
@Suite("Value at risk") struct ValueAtRiskTests {
  private static let second: Int64 = 1_000_000_000
  private static let assets = [Cast.bitcoin, Cast.ether, Cast.dollar]

  private func setHistory(_ venue: DynamicVenue, interval: UInt32) {
    venue.send(SetPriceHistory(requestId: 0, interval: interval), from: Cast.staff)
  }

  private func ask(_ venue: DynamicVenue, _ account: UInt32) throws -> (ValueAtRiskReport, [ValueAtRiskTerm]) {
    let answer = venue.answer(QueryValueAtRisk(queryId: 1, account: AccountId(account)), for: Cast.staff)
    let reports = DynamicVenue.all(ValueAtRiskReport.self, in: answer)
    return (try #require(reports.first), DynamicVenue.all(ValueAtRiskTerm.self, in: answer))
  }

  /// What each account loses in a stress test.
  private func losses(_ venue: DynamicVenue, _ changes: [AssetId: Int64]) -> [AccountId: Money] {
    let rows = changes.sorted { $0.key < $1.key }.map {
      QueryStress.Row(price: Rate($0.value), volatility: .zero, asset: $0.key)
    }
    let answer = venue.answer(QueryStress(queryId: 1, first: .none, count: 0), rows: rows, for: Cast.staff)
    let reports = DynamicVenue.all(StressReport.self, in: answer)
    return Dictionary(uniqueKeysWithValues: reports.map { ($0.account, $0.now.equity - $0.stressed.equity) })
  }

  @Test("Every figure is what stress tests of the same moves say", arguments: [(1, 37), (2, 120), (3, 300)])
  func comparison(seed: UInt64, samples: Int) throws {
    var random = Random(seed: seed)
    let venue = DynamicVenue(Cast.definition)
    Cast.setUp(venue, &random)
    var flows: [any Flow] = [OrderFlow(), OrderFlow(), MoneyFlow(), OptionsFlow(), PortfolioFlow()]
    for index in flows.indices { flows[index].setUp(venue, &random) }
    for _ in 0..<200 { flows[random.pick(0...4 as ClosedRange<Int>)].step(venue, &random) }
    setHistory(venue, interval: 1_000)
    var prices: [AssetId: Int64] = [Cast.bitcoin: 6_000_000, Cast.ether: 250_000, Cast.dollar: 100]
    var history: [[AssetId: Int64]] = []
    for sample in 0...samples {
      var changes: [AssetId: Int64] = [:]
      for asset in Self.assets {
        let before = prices[asset]!
        let now = max(1, before * (1_000 + random.number(-60...60)) / 1_000 + random.number(0...1))
        prices[asset] = now
        venue.send(IndexPrice(requestId: 0, price: Price(now), stablePrice: nil, asset: asset), from: Cast.oracle)
        changes[asset] = Int64((Int128(now - before) * 1_000_000_000).dividedRoundingDown(by: Int128(before)))
      }
      if sample > 0 { history.insert(changes, at: 0) }
      venue.settle(after: Self.second - venue.time % Self.second)
      if sample == samples / 2 { try venue.restart() }
    }
    history = Array(history.prefix(256))
    let bySample = history.map { losses(venue, $0) }
    for account in Cast.accounts {
      let (report, terms) = try ask(venue, account)
      let losses = bySample.enumerated().map { (age: $0.offset, loss: $0.element[AccountId(account)]!) }
        .sorted { $0.loss != $1.loss ? $0.loss > $1.loss : $0.age < $1.age }
      let tail = (losses.count + 99) / 100
      #expect(report.samples == UInt32(losses.count) && report.tail == UInt32(tail) && report.interval == 1_000)
      #expect(report.valueAtRisk == losses[tail - 1].loss && report.worst == losses[0].loss)
      #expect(report.worstAge == UInt32(losses[0].age))
      let sum = losses.prefix(tail).reduce(Int128(0)) { $0 + $1.loss.rawValue }
      #expect(report.tailLoss.rawValue == sum && terms.reduce(Int128(0)) { $0 + $1.tailLoss.rawValue } == sum)
      #expect(report.expectedShortfall.rawValue == sum.dividedRoundingUp(by: Int128(tail)))
    }
    #expect(venue.finding == nil)
  }

  @Test("Without samples there are no figures; another interval begins anew; nonsense is refused")
  func beginnings() throws {
    let desk = MoneyDesk()
    #expect(try ask(desk.venue, 11).0.samples == 0)
    setHistory(desk.venue, interval: 999)
    #expect(desk.venue.all(RequestRejected.self).first?.reason == .parameterOutOfRange)
    setHistory(desk.venue, interval: 1_000)
    for _ in 0..<4 { desk.venue.settle(after: Self.second) }
    #expect(try ask(desk.venue, 11).0.samples == 3)
    setHistory(desk.venue, interval: 1_000)
    #expect(try ask(desk.venue, 11).0.samples == 3, "the same interval changes nothing")
    setHistory(desk.venue, interval: 2_000)
    #expect(try ask(desk.venue, 11).0.samples == 0 && ask(desk.venue, 11).0.interval == 2_000)
    setHistory(desk.venue, interval: 0)
    desk.venue.settle(after: 10 * Self.second)
    #expect(try ask(desk.venue, 11).0.samples == 0)
    let answer = desk.venue.answer(QueryValueAtRisk(queryId: 1, account: AccountId(11)), for: KeyId(112))
    #expect(DynamicVenue.all(QueryEnd.self, in: answer).first?.reason == .notYourAccount)
  }

  @Test("A month of falls: the third largest of 256 losses, and the mean of three")
  func pencil() throws {
    let desk = MoneyDesk()
    setHistory(desk.venue, interval: 1_000)
    desk.mark(60_000, of: Cast.perpetuals[0])
    desk.trade(100, at: 60_000, in: Cast.perpetuals[0])
    desk.venue.settle(after: Self.second)
    // 0 to 2.55 % down, one after the other, from the same price each time: every other sample is the way back up.
    for step in 0..<128 {
      for price in [6_000_000 - Int64(step) * 1_200, 6_000_000] {
        desk.index(price)
        desk.venue.settle(after: Self.second - desk.venue.time % Self.second)
      }
    }
    let (report, terms) = try ask(desk.venue, 11)
    // 100 lots of 0.001 BTC: a fall by 2.54 %, 2.52 % and 2.50 % costs 152.40, 151.20 and 150.00.
    #expect(report.samples == 256 && report.tail == 3)
    #expect(report.worst == Money(Int64(15_240_000_000)) && report.valueAtRisk == Money(Int64(15_000_000_000)))
    #expect(report.expectedShortfall == Money(Int64(15_120_000_000)) && terms.count == 1)
    #expect(terms.first?.tailLoss == report.tailLoss && terms.first?.instrument == Cast.perpetuals[0])
  }
}
