import Testing
import Values
import Wire

/// Interest on debts and holdings, seen from outside; figures by hand.
@Suite("Interest") struct InterestPaymentTests {
  let desk = MoneyDesk()
  private static let hour: Int64 = 3_600_000_000_000
  private static let bitcoin: Int64 = 100_000_000

  /// 5 % + 10 %·u to 80 %, then 100 %; the reserve keeps a tenth.
  private func set(_ asset: AssetId, interval: UInt32 = 86_400_000, reserveFactor: Int64 = 100_000_000) {
    desk.venue.send(
      SetInterestParameters(
        requestId: 0, asset: asset, interval: interval, base: Rate(50_000_000), slope: Rate(100_000_000),
        steepSlope: Rate(1_000_000_000), kink: Rate(800_000_000), reserveFactor: Rate(reserveFactor)),
      from: Cast.staff)
    #expect(desk.venue.all(RequestAccepted.self).count == 1)
  }

  /// Lets `days` intervals of a day end, and returns what was published last.
  private func pass(days: Int64 = 1) -> InterestRateChanged? {
    var last: InterestRateChanged?
    for _ in 0..<days {
      let next = (desk.venue.time / (24 * Self.hour) + 1) * 24 * Self.hour
      desk.venue.settle(after: next - desk.venue.time, limit: 1)
      last = desk.venue.all(InterestRateChanged.self).last ?? last
    }
    return last
  }

  private func report(_ account: UInt32) -> MarginReport {
    DynamicVenue.all(
      MarginReport.self,
      in: desk.venue.answer(QueryMargin(queryId: 0, account: AccountId(account)), for: Cast.staff))[0]
  }

  private func interest(of asset: AssetId) -> InterestReport {
    let all = DynamicVenue.all(
      InterestReport.self, in: desk.venue.answer(QueryInterest(queryId: 3), for: KeyId(111)))
    return all.first { $0.asset == asset }!
  }

  /// 12 owes 365 of 730 BTC that 11 has: u = 50 %, 10 % a year, of which holdings get 10 %·50 %·90 % = 4.5 %. A day:
  /// 365·10 %/365 = 0.1 BTC owed, 730·4.5 %/365 = 0.09 earned, 0.01 for the reserve.
  @Test("A day at 10 % on 365 BTC owed: 0.1 BTC, of which 0.09 go to the holder of 730 and 0.01 to the reserve")
  func day() {
    desk.deposit(730 * Self.bitcoin, to: 11, asset: Cast.bitcoin)
    // Collateral for what 12 takes.
    desk.deposit(4_000_000_000_000_000, to: 12)
    #expect(desk.withdraw(365 * Self.bitcoin, from: 12, asset: Cast.bitcoin) == nil)
    set(Cast.bitcoin)
    let before = report(12)
    let ended = pass()
    #expect(ended?.asset == Cast.bitcoin && ended?.utilisation == Rate(500_000_000))
    #expect(ended?.borrowRate == Rate(100_000_000) && ended?.lendRate == Rate(45_000_000))
    // Rounded up a step of 10^-18: g = 10 %/365 = 0.000273972602739727 (up), so a quantum more than 0.1 BTC is owed.
    #expect(desk.balance(12, Cast.bitcoin) == -36_510_000_001)
    #expect(desk.balance(11, Cast.bitcoin) == 73_008_999_999)
    #expect(ended?.borrowed == Money(Int64(36_510_000_000)) && ended?.supplied == Money(Int64(73_009_000_000)))
    #expect(ended?.borrowIndex == 1_000_273_972 && ended?.lendIndex == 1_000_123_287)
    #expect(ended?.reserve == Money(Int64(1_000_000)) || ended?.reserve == Money(Int64(999_999)))
    // 0.10000001 BTC at 60,000 and an add-on of 5 %: 6,300.00063 less.
    #expect(report(12).margin.equity == before.margin.equity - Money(Int64(630_000_063_000)))
    #expect(desk.venue.all(InterestSettled.self).isEmpty, "nothing is paid by looking")
    // One quantum repaid settles it.
    desk.deposit(1, to: 12, asset: Cast.bitcoin)
    let paid = desk.venue.all(InterestSettled.self)
    #expect(paid.map(\.amount) == [Money(Int64(-10_000_001))] && paid.map(\.asset) == [Cast.bitcoin])
    #expect(paid.map(\.balance) == [Money(Int64(-36_510_000_000))] && paid.map(\.account) == [AccountId(12)])
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  /// 11 owes 50 in the settlement currency of 100 that 12 holds with the rest of the cast drained.
  @Test("Debts in the settlement currency: interestDue in both equities, paid when money moves")
  func settlement() throws {
    desk.deposit(1_000 * Self.bitcoin, to: 11, asset: Cast.bitcoin)
    #expect(desk.withdraw(MoneyDesk.cash + MoneyDesk.cash / 2, from: 11) == nil)
    set(.settlement, reserveFactor: 1_000_000_000)
    let before = (report(11), report(12))
    #expect(pass()?.borrowRate == Rate(100_000_000))
    // 500,000·10 %/365 = 136.986301369863…, up to a quantum.
    let due = report(11).interestDue
    #expect(due == Money(Int64(-13_698_630_137)))
    #expect(report(11).cash == before.0.cash && report(11).margin.equity == before.0.margin.equity + due)
    #expect(report(11).margin.initialEquity == before.0.margin.initialEquity + due)
    #expect(report(12).interestDue == .zero && report(12).margin == before.1.margin, "the reserve keeps it all")
    #expect(desk.balance(11) == (before.0.cash + due).rawValue)
    let bytes = desk.venue.stateBytes()
    #expect(desk.withdraw(Self.bitcoin * 1_000, from: 11, asset: Cast.bitcoin) != nil)
    #expect(desk.withdraw(9_000_000_000_000_000, from: 11) != nil)
    #expect(report(11).interestDue == due && desk.venue.stateBytes().count == bytes.count, "a refusal settles nothing")
    desk.mark(60_000, of: Cast.perpetuals[0])
    desk.trade(1, at: 60_000, in: Cast.perpetuals[0])
    let paid = desk.venue.all(InterestSettled.self)
    #expect(paid.map(\.amount) == [due] && paid.map(\.account) == [AccountId(11)])
    #expect(report(11).interestDue == .zero)
    // What is certain of it is reckoned from the totals: a quantum less at most.
    let reserve = interest(of: .settlement).reserve
    #expect(reserve == -due || reserve == -due - Money(Int64(1)))
    try desk.venue.restart()
    #expect(interest(of: .settlement).reserve == reserve && desk.venue.finding == nil)
  }

  @Test("Whoever repays all that is owed now owes nothing; a holder can take out what it has earned")
  func repaying() {
    desk.deposit(730 * Self.bitcoin, to: 11, asset: Cast.bitcoin)
    desk.deposit(4_000_000_000_000_000, to: 12)
    #expect(desk.withdraw(365 * Self.bitcoin, from: 12, asset: Cast.bitcoin) == nil)
    set(Cast.bitcoin)
    _ = pass(days: 30)
    let owed = -desk.balance(12, Cast.bitcoin)
    #expect(owed > 36_800_000_000)
    desk.deposit(Int64(owed), to: 12, asset: Cast.bitcoin)
    #expect(desk.balance(12, Cast.bitcoin) == 0)
    let held = desk.balance(11, Cast.bitcoin)
    #expect(desk.withdraw(Int64(held), from: 11, asset: Cast.bitcoin) == nil)
    #expect(desk.balance(11, Cast.bitcoin) == 0)
    let report = interest(of: Cast.bitcoin)
    #expect(report.borrowed == .zero && report.supplied == .zero)
    #expect(report.reserve.rawValue == owed - 36_500_000_000 - (held - 73_000_000_000))
    #expect(pass()?.borrowIndex == report.borrowIndex, "while nobody owes the index rests")
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test("Debts that grow are called, without any price that moves")
  func call() {
    desk.deposit(10 * Self.bitcoin, to: 11, asset: Cast.bitcoin)
    desk.venue.send(
      CreateAccount(
        requestId: 0, account: AccountId(20), master: MasterId(20), parent: .none, isolatedInstrument: .none,
        multiplier: .one, leverageCap: 0, mode: .standard, flags: []), from: Cast.staff)
    desk.venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_666), fund: AccountId(20), interval: 1_000,
        staleTimeout: 0, attempts: 5), from: Cast.staff)
    #expect(desk.venue.all(RequestAccepted.self).count == 1)
    desk.mark(60_000, of: Cast.perpetuals[0])
    desk.trade(1, at: 60_000, in: Cast.perpetuals[0])
    // 600,000 less 10 %: withdraw what initial margin admits.
    var step: Int64 = 10_000_000_000_000
    while step > 0 { if desk.withdraw(step, from: 11) != nil { step /= 10 } }
    set(.settlement)
    var states: [MarginState] = []
    for _ in 0..<800 {
      desk.venue.settle(after: 24 * Self.hour, limit: 20)
      for call in desk.venue.all(MarginCall.self) { states.append(call.state ?? .normal) }
    }
    #expect(report(11).margin.cushion < .zero || desk.venue.reported[.marginCall, default: 0] > 0)
    #expect(desk.venue.finding == nil, "\(desk.venue.finding ?? "")")
  }

  @Test(
    "Parameters outside their ranges are refused, and unknown assets",
    arguments: [
      (999, 0, 0, 0, 0, 0, SetInterestParameters.Field.interval),
      (86_400_001, 0, 0, 0, 0, 0, SetInterestParameters.Field.interval),
      (0, -1, 0, 0, 0, 0, SetInterestParameters.Field.base),
      (0, 0, 10_000_000_001, 10_000_000_001, 0, 0, SetInterestParameters.Field.slope),
      (0, 0, 5, 4, 0, 0, SetInterestParameters.Field.steepSlope),
      (0, 0, 5, 5, 1_000_000_001, 0, SetInterestParameters.Field.kink),
      (0, 0, 5, 5, 0, -1, SetInterestParameters.Field.reserveFactor),
      (1_000, 9_000_000_000, 0, 2_000_000_000, 0, 0, SetInterestParameters.Field.steepSlope),
    ] as [(UInt32, Int64, Int64, Int64, Int64, Int64, Int64)])
  func ranges(
    _ given: (
      interval: UInt32, base: Int64, slope: Int64, steep: Int64, kink: Int64, reserve: Int64, field: Int64
    )
  ) {
    func send(_ asset: AssetId) -> RequestRejected? {
      desk.venue.send(
        SetInterestParameters(
          requestId: 0, asset: asset, interval: given.interval, base: Rate(given.base), slope: Rate(given.slope),
          steepSlope: Rate(given.steep), kink: Rate(given.kink), reserveFactor: Rate(given.reserve)),
        from: Cast.staff)
      return desk.venue.all(RequestRejected.self).first
    }
    let before = desk.venue.stateBytes().count
    #expect(send(Cast.bitcoin)?.reason == .parameterOutOfRange && send(Cast.bitcoin)?.detail == given.field)
    #expect(send(AssetId(99))?.reason == .unknownAsset)
    #expect(desk.venue.stateBytes().count == before)
  }
}
