import Testing
import Values
import Wire

@Suite("Stress tests") struct StressTests {
  /// A price as the stress test moves it: rounded down, at least one.
  private func moved(_ price: Int64, by parts: Int64) -> Int64 {
    max(1, (price * (1_000_000_000 + parts)).dividedRoundingDown(by: 1_000_000_000))
  }

  @Test(
    "What they say is what happens when the prices really change", arguments: [1, 2, 3],
    [-900_000_000, -200_000_000, 50_000_000, 400_000_000])
  func comesTrue(seed: UInt64, shock: Int64) throws {
    var random = Random(seed: seed)
    let venue = DynamicVenue(Cast.definition)
    Cast.setUp(venue, &random)
    var flows: [any Flow] = [OrderFlow(), OrderFlow(), MoneyFlow()]
    for _ in 0..<250 { flows[random.pick([0, 1, 2])].step(venue, &random) }
    let rows = [QueryStress.Row(price: Rate(shock), volatility: .zero, asset: .settlement)]
    let before = venue.answer(QueryStress(queryId: 1, first: .none, count: 0), rows: rows, for: Cast.staff)
    let said = DynamicVenue.all(StressReport.self, in: before)
    #expect(said.count == Cast.accounts.count && said.contains { $0.now != $0.stressed })

    for instrument in Cast.perpetuals + [Cast.spot] {
      let mark = try #require(venue.mark(of: instrument))
      venue.send(
        MarkPrice(requestId: 0, price: Price(moved(mark, by: shock)), instrument: instrument), from: Cast.oracle)
    }
    for (asset, price) in [(Cast.bitcoin, Int64(6_000_000)), (Cast.ether, 250_000), (Cast.dollar, 100)] {
      venue.send(
        IndexPrice(requestId: 0, price: Price(moved(price, by: shock)), stablePrice: nil, asset: asset),
        from: Cast.oracle)
    }
    for report in said {
      let now = DynamicVenue.all(
        MarginReport.self, in: venue.answer(QueryMargin(queryId: 0, account: report.account), for: Cast.staff))
      #expect(now.first?.margin == report.stressed, "account \(report.account.rawValue)")
    }
    #expect(venue.finding == nil)
  }

  @Test("The smallest trade that frees margin frees it, and one lot less does not", arguments: 1...6)
  func relief(seed: UInt64) throws {
    var random = Random(seed: seed)
    let venue = DynamicVenue(Cast.definition)
    Cast.setUp(venue, &random)
    var flows: [any Flow] = [OrderFlow(), OrderFlow(), MarketFlow()]
    for _ in 0..<250 { flows[random.pick([0, 1, 2])].step(venue, &random) }
    var rows = 0
    for account in Cast.accounts {
      let state = venue.stateBytes()
      func ask(_ amount: Money) -> [ReliefReport] {
        DynamicVenue.all(
          ReliefReport.self,
          in: venue.answer(QueryRelief(queryId: 1, account: AccountId(account), amount: amount), for: Cast.staff))
      }
      let now = DynamicVenue.all(
        MarginReport.self, in: venue.answer(QueryMargin(queryId: 0, account: AccountId(account)), for: Cast.staff))
      let free = try #require(now.first).margin.free
      for report in ask(Money(Int64(500_000_000))) {
        rows += 1
        #expect((report.after.free >= free + Money(Int64(500_000_000))) == report.isEnough, "\(report)")
        // Asked for as much as that trade frees, the answer is no larger.
        let freed = report.after.free - free
        guard report.isEnough == true, freed > .zero else { continue }
        let again = ask(freed).first { $0.instrument == report.instrument }
        #expect(try #require(again).quantity <= report.quantity || again?.isEnough == true, "\(report)")
      }
      #expect(venue.stateBytes() == state, "a question has changed the state")
    }
    #expect(rows > 5 && venue.finding == nil)
  }

  @Test("They go on from account to account, and refuse what makes no sense")
  func pages() throws {
    var random = Random(seed: 9)
    let venue = DynamicVenue(Cast.definition)
    Cast.setUp(venue, &random)
    func ask(_ query: QueryStress, _ rows: [QueryStress.Row] = []) -> ([UInt32], QueryEnd?) {
      let answer = venue.answer(query, rows: rows, for: Cast.staff)
      let accounts = DynamicVenue.all(StressReport.self, in: answer).map(\.account.rawValue)
      return (accounts, DynamicVenue.all(QueryEnd.self, in: answer).first)
    }
    #expect(ask(QueryStress(queryId: 1, first: .none, count: 3)).0 == [1, 2, 3])
    #expect(ask(QueryStress(queryId: 1, first: .none, count: 3)).1?.more == true)
    let last = ask(QueryStress(queryId: 1, first: AccountId(8), count: 0))
    #expect(last.0 == [8, 9, 10] && last.1?.more == false)
    let tooLow = [QueryStress.Row(price: Rate(-1_000_000_001), volatility: .zero, asset: .settlement)]
    #expect(ask(QueryStress(queryId: 1, first: .none, count: 0), tooLow).1?.reason == .invalidField)
    let unknown = [QueryStress.Row(price: .zero, volatility: .zero, asset: AssetId(99))]
    #expect(ask(QueryStress(queryId: 1, first: .none, count: 0), unknown).1?.reason == .unknownAsset)
  }
}
