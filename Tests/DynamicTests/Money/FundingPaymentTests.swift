import Testing
import Values
import Wire

/// Funding of a perpetual, seen from outside.
@Suite("Funding") struct FundingPaymentTests {
  let desk = MoneyDesk(mayBorrow: false)
  let perpetual = Cast.perpetuals[0]
  private static let hour: Int64 = 3_600_000_000_000

  init() {
    desk.index(6_000_000)
    desk.mark(60_048, of: perpetual)
  }

  /// Interest 0.01 %, clamp 0.05 %, cap 2 % per eight hours, sampled hourly.
  private func setFunding(interval: UInt32 = 28_800_000, fixed: Int64? = nil, factor: Int64 = 0) {
    desk.venue.send(
      SetFundingParameters(
        requestId: 0, instrument: perpetual, interval: interval, period: 28_800_000, sampling: 3_600_000,
        interest: Rate(100_000), clamp: Rate(500_000), cap: Rate(20_000_000), marginFactor: Rate(factor),
        fixedRate: Rate(fixed ?? 0), isFixed: fixed != nil), from: Cast.staff)
    #expect(desk.venue.all(RequestAccepted.self).count == 1)
  }

  private func report(_ account: UInt32) -> MarginReport {
    DynamicVenue.all(
      MarginReport.self,
      in: desk.venue.answer(QueryMargin(queryId: 0, account: AccountId(account)), for: Cast.staff))[0]
  }

  /// Waits for the next exchange and returns what was published.
  private func exchange() throws -> FundingRateChanged {
    let next = (desk.venue.time / (8 * Self.hour) + 1) * 8 * Self.hour
    var published: [FundingRateChanged] = []
    while published.isEmpty {
      try #require(desk.venue.kernel.nextDue != .never)
      desk.venue.settle(after: max(0, min(next, desk.venue.kernel.nextDue.rawValue) - desk.venue.time), limit: 1)
      published = desk.venue.all(FundingRateChanged.self)
    }
    return published[0]
  }

  @Test("0.03 % of 60,000 on 0.1 BTC: 1.80 owed by the long, counted in equity at once, paid at the next fill")
  func payment() throws {
    setFunding()
    desk.trade(100, at: 60_048, in: perpetual)
    let (long, short) = (report(11), report(12))
    let exchanged = try exchange()
    #expect(exchanged.premium == Rate(800_000) && exchanged.rate == Rate(300_000) && exchanged.price == Price(60_000))
    #expect(exchanged.payment == Money(Int64(1_800_000)) && exchanged.samples > 0)
    #expect(exchanged.time.rawValue / 1_000 == exchanged.next.rawValue / 1_000 - 8 * Self.hour / 1_000)
    let due = Money(Int64(180_000_000))
    #expect(report(11).fundingDue == -due && report(12).fundingDue == due)
    #expect(report(11).cash == long.cash && report(12).cash == short.cash, "nothing is paid by looking")
    #expect(report(11).margin.equity == long.margin.equity - due)
    #expect(report(12).margin.initialEquity == short.margin.initialEquity + due)
    // An order that rests pays nothing; a fill does, before it.
    desk.order(12, .buy, 10, at: 60_000, in: perpetual)
    #expect(desk.venue.all(FundingSettled.self).isEmpty)
    desk.order(11, .sell, 10, at: 60_000, in: perpetual)
    let paid = desk.venue.all(FundingSettled.self)
    #expect(paid.map(\.account) == [AccountId(12), AccountId(11)], "the maker first")
    #expect(paid.map(\.amount) == [due, -due] && paid.map(\.position) == [Quantity(-100), Quantity(100)])
    #expect(report(11).fundingDue == .zero && report(12).fundingDue == .zero)
    #expect(desk.venue.finding == nil)
  }

  @Test("Funding that has come in can be withdrawn; a withdrawal that is refused pays nothing")
  func withdrawal() throws {
    setFunding()
    desk.trade(100, at: 60_048, in: perpetual)
    _ = try exchange()
    let state = desk.venue.stateBytes().count
    let cash = report(12).cash
    #expect(desk.withdraw(MoneyDesk.cash * 2, from: 12) == .insufficientBalance)
    #expect(report(12).cash == cash && report(12).fundingDue > .zero && desk.venue.stateBytes().count == state)
    #expect(desk.withdraw(1, from: 12) == nil)
    #expect(desk.venue.all(FundingSettled.self).map(\.amount) == [Money(Int64(180_000_000))])
    #expect(report(12).cash == cash + Money(Int64(180_000_000)) - Money(Int64(1)))
    #expect(report(12).fundingDue == .zero && desk.venue.finding == nil)
  }

  @Test("A published rate in place of the formula, bounded by a multiple of initial less maintenance margin")
  func fixedRate() throws {
    setFunding(fixed: -1_234_567)
    #expect(try exchange().rate == Rate(-1_234_567))
    setFunding(fixed: 5_000_000)
    #expect(try exchange().rate == Rate(5_000_000))
    // 4 % and 2 %: half of the difference is 1 %.
    setFunding(fixed: 15_000_000, factor: 500_000_000)
    #expect(try exchange().rate == Rate(10_000_000))
    try desk.venue.restart()
    #expect(try exchange().rate == Rate(10_000_000))
  }

  @Test("The pool of an instrument that nobody holds any more goes to DUST; an hour pays an eighth of the rate")
  func dust() throws {
    setFunding(interval: 3_600_000, fixed: 333_333)
    desk.trade(3, at: 60_048, in: perpetual)
    _ = try exchange()
    desk.order(12, .buy, 3, at: 60_000, in: perpetual)
    desk.order(11, .sell, 3, at: 60_000, in: perpetual)
    #expect(desk.position(11, in: perpetual) == 0)
    _ = try exchange()
    desk.venue.settle(after: Self.hour)
    #expect(desk.venue.finding == nil)
  }

  @Test(
    "Parameters outside their ranges are refused, and so is anything but a perpetual",
    arguments: [
      (86_400_001, 0, 0, 0, 0, SetFundingParameters.Field.interval),
      (10, 9, 1, 0, 0, SetFundingParameters.Field.period),
      (10, 10, 11, 0, 0, SetFundingParameters.Field.sampling), (10, 10, 0, 0, 0, SetFundingParameters.Field.sampling),
      (10, 10, 1, 6, 5, SetFundingParameters.Field.interest),
      (10, 10, 1, 0, 1_000_000_001, SetFundingParameters.Field.cap),
    ] as [(UInt32, UInt32, UInt32, Int64, Int64, Int64)])
  func ranges(
    _ given: (interval: UInt32, period: UInt32, sampling: UInt32, interest: Int64, cap: Int64, field: Int64)
  ) {
    func send(to instrument: InstrumentId) -> RequestRejected? {
      desk.venue.send(
        SetFundingParameters(
          requestId: 0, instrument: instrument, interval: given.interval, period: given.period,
          sampling: given.sampling, interest: Rate(given.interest), clamp: .zero, cap: Rate(given.cap),
          marginFactor: .zero, fixedRate: .zero, isFixed: false), from: Cast.staff)
      return desk.venue.all(RequestRejected.self).first
    }
    #expect(send(to: perpetual)?.reason == .parameterOutOfRange && send(to: perpetual)?.detail == given.field)
    #expect(send(to: Cast.spot)?.reason == .invalidField)
  }
}
