import Testing
import Values
import Wire

/// Portfolio mode: two risk groups that relieve each other, two perpetuals more to hedge with, accounts that go into the
/// mode and out of it with everything they hold, parameters that change meanwhile.
struct PortfolioFlow: Flow {
  var weight: Int { 15 }
  private static let hedges = [InstrumentId(81), InstrumentId(82)]
  private static let underlyings = [Cast.bitcoin, Cast.ether]

  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {
    for asset in Self.underlyings { setGroup(asset, venue, &random) }
    setCredit(venue, &random)
    for (index, instrument) in Self.hedges.enumerated() { define(instrument, index, venue) }
    for account in [5, 6, 9] as [UInt32] { change(account, to: .portfolio, venue) }
  }

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    switch random.number(1...10) {
    case 1: setGroup(random.pick(Self.underlyings), venue, &random)
    case 2: setCredit(venue, &random)
    case 3...4:
      change(random.pick(Cast.accounts), to: random.chance(600) ? .portfolio : .standard, venue)
    case 5...6:
      let index = Int(random.number(0...1))
      let price = venue.mark(of: Cast.perpetuals[index]) ?? Cast.startingPrice(Cast.perpetuals[index])
      venue.send(
        MarkPrice(
          requestId: 0, price: Price(max(1, price + price * random.number(-5...5) / 1000)),
          instrument: Self.hedges[index]), from: Cast.oracle)
    default: checkTerms(of: AccountId(random.pick(Cast.accounts)), venue)
    }
  }

  private func setGroup(_ asset: AssetId, _ venue: DynamicVenue, _ random: inout Random) {
    let followed = asset == Cast.bitcoin ? InstrumentId.none : random.pick([.none, Cast.perpetuals[1]])
    venue.send(
      SetRiskGroup(
        requestId: 0, asset: asset, volatilityInstrument: followed,
        rangeFloor: Rate(random.number(15...150) * 1_000_000),
        volatilityShock: Rate(250_000_000), spreadRate: Rate(random.number(0...20) * 1_000_000),
        shortOptionMinimum: Money(random.number(0...50) * 1_000_000),
        // One in nine is out of range and refused.
        initialMultiplier: Rate(random.number(9...17) * 100_000_000 + 100_000_000 - 1),
        creditCap: Rate(random.number(0...9) * 100_000_000)), from: Cast.staff)
  }

  private func setCredit(_ venue: DynamicVenue, _ random: inout Random) {
    venue.send(
      SetGroupCredit(
        requestId: 0, first: Cast.bitcoin, second: Cast.ether, rate: Rate(random.number(0...9) * 100_000_001),
        firstShare: Rate(random.number(0...10) * 100_000_000), secondShare: Rate(random.number(0...10) * 100_000_000)),
      from: Cast.staff)
  }

  private func change(_ account: UInt32, to mode: AccountMode, _ venue: DynamicVenue) {
    venue.send(
      ChangeAccount(
        requestId: 0, account: AccountId(account), leverageCap: 0, mode: mode,
        flags: account.isMultiple(of: 3) ? [] : .mayBorrow, multiplier: .one), from: Cast.staff)
  }

  /// A second perpetual on each underlying, with smaller lots than the first.
  private func define(_ instrument: InstrumentId, _ index: Int, _ venue: DynamicVenue) {
    venue.send(
      DefineInstrument(
        requestId: 0, instrument: instrument, kind: .perpetual, base: Self.underlyings[index], quote: .settlement,
        symbol: "HEDGE", priceUnit: 1_000_000_000_000, lotSize: 500_000_000 * Int64(index * 9 + 1),
        maximumPrice: Price(0), priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: .zero,
        takerFee: Rate(300_000)), from: Cast.staff)
    venue.send(
      SetMarginParameters(
        requestId: 0, instrument: instrument, maintenanceTiers: .none, initialTiers: .none,
        maintenanceBase: Rate(20_000_000), initialBase: Rate(30_000_000), sizeFactor: Rate(2_000_000),
        maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
        profitWeight: .one, liquidationFee: Rate(4_000_000), maximumSlippage: Rate(5_000_000)), from: Cast.staff)
    venue.send(
      SetImpactCurve(requestId: 0, instrument: instrument, side: .buy),
      rows: [SetImpactCurve.Row(lots: Quantity(500), rate: Rate(1_000_000))], from: Cast.staff)
    venue.send(
      MarkPrice(requestId: 0, price: Price(Cast.startingPrice(Cast.perpetuals[index])), instrument: instrument),
      from: Cast.oracle)
    venue.send(SetPhase(requestId: 0, instrument: instrument, phase: .continuous), from: Cast.staff)
  }

  /// The terms of the answer to QueryMargin add up to its totals, to the quantum.
  private func checkTerms(of account: AccountId, _ venue: DynamicVenue) {
    let answer = venue.answer(QueryMargin(queryId: 5, account: account), for: Cast.staff)
    guard let total = DynamicVenue.all(MarginReport.self, in: answer).first else { return }
    let positions = DynamicVenue.all(MarginTerm.self, in: answer)
    let groups = DynamicVenue.all(GroupTerm.self, in: answer)
    #expect(groups.isEmpty || total.mode == .portfolio)
    var (maintenance, initial) = (Money.zero, total.spotReserve)
    for term in positions {
      maintenance += term.maintenanceMargin
      initial += term.positionMargin + term.openLoss + term.feeProvision
    }
    for term in groups {
      maintenance += max(term.scanLoss - term.credit + term.spread, term.shortOptions)
      #expect(term.maintenanceMargin == max(term.scanLoss - term.credit + term.spread, term.shortOptions))
      let worst = max(term.worstScanLoss - term.worstCredit + term.worstSpread, term.worstShortOptions)
      #expect(term.initialMargin == term.initialMultiplier.roundedUp(of: worst))
      #expect((term.scenario == 0) == (term.scanLoss == .zero) && term.scenario <= 16 && term.worstScenario <= 16)
      initial += term.initialMargin
    }
    #expect(total.margin.maintenanceMargin == maintenance)
    #expect(total.margin.initialMargin == initial)
  }
}
