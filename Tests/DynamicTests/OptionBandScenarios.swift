import Testing
import Values
import Wire

/// An account with options in portfolio mode is called at the first move that takes it over the edge, whichever of its
/// coordinates moves, and is not looked at in vain before: the edge is reckoned here from its margin report.
@Suite("Bands of options") struct OptionBandScenarios {
  private static let call = InstrumentId(60)
  private static let lots: Int64 = 2_000
  private let desk = RateDesk()
  private var venue: DynamicVenue { desk.venue }

  /// What is moved, and from which side the account is hurt by it.
  enum Coordinate: CaseIterable {
    case risingUnderlying, fallingUnderlying, fallingVolatility, risingVolatility, time

    /// Whether the account holds the call, rather than having written it.
    var isLong: Bool { self == .fallingUnderlying || self == .fallingVolatility || self == .time }
  }

  private func begin(_ coordinate: Coordinate) {
    open(9, mode: .standard, with: dollars(100_000))
    venue.send(
      SetLiquidationParameters(
        requestId: 0, firstCall: Rate(800_000_000), secondCall: Rate(900_000_000), hysteresis: Rate(20_000_000),
        target: Rate(1_100_000_000), takeover: Rate(666_666_667), fund: AccountId(9), interval: 100, staleTimeout: 0,
        attempts: 3), from: Cast.staff)
    venue.send(
      SetRiskGroup(
        requestId: 0, asset: Cast.bitcoin, volatilityInstrument: .none, rangeFloor: Rate(30_000_000),
        volatilityShock: Rate(200_000_000), spreadRate: .zero, shortOptionMinimum: .zero,
        initialMultiplier: Rate(1_300_000_000), creditCap: .zero), from: Cast.staff)
    index(60_000)
    venue.send(
      DefineOption(
        requestId: 0, instrument: Self.call, base: Cast.bitcoin, optionType: .call, symbol: "BTC-60",
        priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0), priceBand: .zero,
        maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero,
        expiry: Timestamp(venue.time + 20 * 86_400_000_000_000), settlementWindow: 4_000, settlementInterval: 1_000,
        strike: Price(60_000)), from: Cast.staff)
    venue.send(
      SetOptionParameters(
        requestId: 0, instrument: Self.call, repricingInterval: 3_600_000, maximumRate: Rate(150_000_000),
        minimumRate: Rate(100_000_000), maintenanceRate: Rate(75_000_000), repricingMove: .zero), from: Cast.staff)
    venue.send(SetPhase(requestId: 0, instrument: Self.call, phase: .continuous), from: Cast.staff)
    volatility(500_000_000)
    // What another account with plenty needs says what this one is to have: maintenance margin of 74 % of its equity.
    open(7, mode: .portfolio, with: dollars(1_000_000))
    trade(7, coordinate.isLong ? .buy : .sell)
    open(6, mode: .portfolio, with: Money(rawValue: margin(of: 7).maintenanceMargin.rawValue * 100 / 74))
    trade(6, coordinate.isLong ? .buy : .sell)
    venue.settle()
  }

  private func open(_ account: UInt32, mode: AccountMode, with cash: Money) {
    venue.send(
      CreateAccount(
        requestId: 0, account: AccountId(account), master: MasterId(account), parent: .none, isolatedInstrument: .none,
        multiplier: .one, leverageCap: 0, mode: mode, flags: .mayBorrow), from: Cast.staff)
    venue.send(
      DefineKey(
        requestId: 0, key: KeyId(100 + account), master: MasterId(account), publicKey: Bytes32(), roles: .trader),
      from: .venue)
    venue.send(
      Deposit(requestId: 0, account: AccountId(account), asset: .settlement, amount: cash), from: Cast.staff)
  }

  private func index(_ dollars: Int64) {
    venue.send(
      IndexPrice(requestId: 0, price: Price(dollars * 100), stablePrice: nil, asset: Cast.bitcoin), from: Cast.staff)
  }

  private func volatility(_ rate: Int64) {
    venue.send(
      SetImpliedVolatility(requestId: 0, instrument: Self.call, asset: .settlement, volatility: Rate(rate)),
      from: Cast.staff)
  }

  /// The account trades with account 1 at the option's mark.
  private func trade(_ account: UInt32, _ side: Side) {
    let marks = DynamicVenue.all(
      MarkReport.self, in: venue.answer(QueryMarks(queryId: 1, instrument: Self.call), for: Cast.staff))
    for (trader, side) in [(UInt32(1), side == .buy ? Side.sell : .buy), (account, side)] {
      desk.order(trader, side, Self.lots, at: marks.first?.mark?.rawValue ?? 0, in: Self.call)
    }
    #expect(!venue.all(OrderFilled.self).isEmpty, "\(venue.texts)")
  }

  private func margin(of account: UInt32) -> AccountMargin {
    let answer = venue.answer(QueryMargin(queryId: 1, account: AccountId(account)), for: Cast.staff)
    return DynamicVenue.all(MarginReport.self, in: answer)[0].margin
  }

  private func move(_ coordinate: Coordinate, step: Int64) {
    switch coordinate {
    case .risingUnderlying: index(60_000 + 25 * step)
    case .fallingUnderlying: index(60_000 - 25 * step)
    case .fallingVolatility: volatility(500_000_000 - 2_000_000 * step)
    case .risingVolatility: volatility(500_000_000 + 2_000_000 * step)
    case .time: venue.settle(after: 3_600_000_000_000, limit: 0)
    }
  }

  /// The states that the Ticks now due have told account 6 of.
  private func calls() -> [MarginState] {
    var states = venue.all(MarginCall.self)
    for _ in 0..<200 where venue.kernel.hasPendingWork || venue.kernel.nextDue.rawValue <= venue.time {
      venue.tick(work: 5)
      states += venue.all(MarginCall.self)
    }
    #expect(venue.finding == nil)
    return states.filter { $0.account == AccountId(6) }.compactMap(\.state).filter { $0 >= .firstCall }
  }

  @Test("The first step over the edge calls, and none before", arguments: Coordinate.allCases)
  func edge(coordinate: Coordinate) {
    begin(coordinate)
    for step in 1...Int64(400) {
      move(coordinate, step: step)
      let isCalled = !calls().isEmpty
      let margin = margin(of: 6)
      let isOver = margin.maintenanceMargin.rawValue * 10 > margin.equity.rawValue * 8
      #expect(isCalled == isOver, "step \(step): \(margin)")
      if isCalled || isOver { return }
    }
    Issue.record("no step was enough: \(margin(of: 6))")
  }
}
