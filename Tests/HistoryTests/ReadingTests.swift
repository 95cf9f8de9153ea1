import Testing
import Values

@testable import History

@Suite struct ReadingTests {
  @Test("Prices are read by the names of their columns, newest first or oldest first")
  func prices() throws {
    let text = """
      unix,date,symbol,open,close
      1577840400,2020-01-01 01:00,BTC,1,7201.5
      1577836800,2020-01-01 00:00,BTC,1,7199.999
      1577836800,2020-01-01 00:00,BTC,1,7199.999
      """
    let history = try PriceHistory(csv: text)
    #expect(
      history.hours == [
        PriceHistory.Hour(start: 1_577_836_800, close: 719_999),
        PriceHistory.Hour(start: 1_577_840_400, close: 720_150),
      ])
    #expect(PriceHistory.seconds(ofDay: "2020-01-01") == 1_577_836_800)
    #expect(PriceHistory.seconds(ofDay: "2020-03-12") == 1_583_971_200)
    #expect(PriceHistory.seconds(ofDay: "2020-13-01") == nil && PriceHistory.seconds(ofDay: "x") == nil)
    #expect(throws: PriceHistory.Problem.self) { try PriceHistory(csv: "unix,close\n1,abc") }
    #expect(throws: PriceHistory.Problem.self) { try PriceHistory(csv: "time,price\n") }
    #expect(throws: HistoryRun.Problem.self) { try HistoryRun(history, from: 2_000_000_000, to: .max) }
  }

  @Test("Funding rates are read at their time in UTC; what is none is refused")
  func funding() throws {
    let text = """
      Symbol,Date,Funding Rate
      BTC,2020-01-01 03:00:00.000,-0.00012359
      BTC,2020-01-01 11:00:00.004,0.0001
      BTC,2020-01-01 18:59:59.998,0.00030000
      """
    let funding = try FundingHistory(csv: text, offset: 3 * 3_600)
    #expect(
      funding.rates == [1_577_836_800: -123_590, 1_577_865_600: 100_000, 1_577_894_400: 300_000])
    #expect(funding.mean(until: 1_577_894_400 + 5, count: 3) == 92_136, "toward zero")
    #expect(funding.mean(until: 1_577_836_800, count: 2) == -61_795, "a missing one counts as zero")
    #expect(throws: FundingHistory.Problem.self, "not at eight hours in UTC") { try FundingHistory(csv: text) }
    for wrong in ["", "Date,Rate\n", "Date,Funding Rate\n2020-01-01,0.1", "Date,Funding Rate\n2020-01-01 00:00:00,x"] {
      #expect(throws: FundingHistory.Problem.self) { try FundingHistory(csv: wrong) }
    }
    let twice = "Date,Funding Rate\n2020-01-01 00:00:00,0.1\n2020-01-01 00:00:00,0.2"
    #expect(throws: FundingHistory.Problem.self) { try FundingHistory(csv: twice) }
    #expect(FundingHistory.billionths("-1") == -1_000_000_000 && FundingHistory.billionths("1.1") == nil)
    #expect(FundingHistory.billionths("0.1234567891") == 123_456_789 && FundingHistory.billionths("-") == nil)
  }
}
