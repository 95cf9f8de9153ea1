import Testing
import Values

@testable import Margin

@Suite("Options in standard mode") struct OptionRequirementTests {
  /// An ether ledger in cents: price unit 0.01, one lot is 1 ETH, one mq a hundredth of a cent.
  private struct Ether: ~Copyable {
    var ledger = Ledger()
    let asset: UInt32

    init(index: Int64, volatility: Int64) {
      asset = ledger.addAsset(1, priceScale: 2, price: index)
      ledger.assets[asset].flatVolatility = Rate(volatility)
    }
  }

  /// Value of a short less its requirement, at a spot price of 1,500 and the mark that is published with it. Source:
  /// derivexyz/v2-core test/risk-managers/unit-tests/StandardManager/test-cases.json @7736900, parameters of
  /// test/config-test.sol; amounts in dollars.
  ///
  /// Not ours: Test21 (strike 4,500), whose put requirement grows with its own mark (mmM, off).
  static let published:
    [(test: String, strike: Double, isCall: Bool, mark: Double, initial: Double, maintenance: Double?)] =
      [
        ("Test1", 1500, true, 79.371_585_189_059_94, -304.371_585_189_059_94, -191.871_585_189_059_94),
        ("Test3", 1900, true, 6.008_261_835_426_666, -156.008_261_835_426_65, -118.508_261_835_426_67),
        ("Test4", 1300, false, 14.322_794_294_374_036, -164.322_794_294_374_03, nil),
        ("Test24", 1500, true, 1.042_212_373e-9, -225.000_000_001_042_22, nil),
      ]

  @Test("Derive's short options: negative value and requirement together", arguments: published)
  func derive(
    test: String, strike: Double, isCall: Bool, mark: Double, initial: Double, maintenance: Double?
  ) {
    var ether = Ether(index: 150_000, volatility: 1_000_000_000)
    let option = ether.ledger.addOption(
      1, on: ether.asset, strike: Int64(strike * 1_000_000), isCall: isCall, multiplier: 100,
      priceUnit: 1_000_000, parameters: .usual)
    #expect(ether.ledger.instruments[option].option.underlying == Price(1_500_000_000))
    ether.ledger.instruments[option].mark = Price(max(1, Int64((mark * 1_000_000).rounded())))
    let account = ether.ledger.addAccount(1)
    _ = ether.ledger.give(-1, at: 0, account: account, instrument: option)
    let margin = ether.ledger.currentMargin(of: account)
    #expect((Double(margin.free.rawValue) / 1e8 - initial).magnitude < 2e-6)
    if let maintenance { #expect((Double(margin.cushion.rawValue) / 1e8 - maintenance).magnitude < 2e-6) }
  }

  @Test("A premium moves as cash; the value of a long counts towards maintenance only, that of a short in full")
  func premium() {
    var ether = Ether(index: 200_000, volatility: 800_000_000)
    let option = ether.ledger.addOption(
      1, on: ether.asset, strike: 2_000, isCall: true, multiplier: 100, parameters: .usual)
    let mark = ether.ledger.instruments[option].mark.rawValue
    #expect(mark == 183, "0.4 · 80 % · √(30/365) · 2,000")
    let buyer = ether.ledger.addAccount(1, cash: Money(Int64(1_000_000)))
    let seller = ether.ledger.addAccount(2, cash: Money(Int64(1_000_000)))
    let long = ether.ledger.give(10, at: 190, account: buyer, instrument: option)
    let short = ether.ledger.give(-10, at: 190, account: seller, instrument: option)
    #expect(ether.ledger.accounts[buyer].cash == Money(Int64(810_000)))
    #expect(ether.ledger.accounts[seller].cash == Money(Int64(1_190_000)))
    #expect(ether.ledger.positions[long].cost == .zero && ether.ledger.positions[short].cost == .zero)
    let (bought, sold) = (ether.ledger.currentMargin(of: buyer), ether.ledger.currentMargin(of: seller))
    #expect(bought.equity == Money(Int64(993_000)) && bought.initialEquity == Money(Int64(810_000)))
    // ⌈10·2,000·100·7.5 %⌉ = 150,000 is less than the value of 183,000.
    #expect(bought.maintenanceMargin == Money(Int64(150_000)) && bought.initialMargin == .zero)
    #expect(sold.equity == Money(Int64(1_007_000)) && sold.initialEquity == sold.equity)
    #expect(sold.maintenanceMargin == Money(Int64(150_000)) && sold.initialMargin == Money(Int64(300_000)))
    let withdrawable = ether.ledger.withdrawableFree(of: buyer)
    #expect(withdrawable == Money(Int64(810_000)))
    // Far out of the money the long needs no more than it is worth.
    ether.ledger.setIndex(of: ether.asset, to: 110_000)
    let worthless = ether.ledger.currentMargin(of: buyer)
    #expect(worthless.maintenanceMargin == worthless.equity - Money(Int64(810_000)))
    // 2,000 · 15 % less 900 out of the money is below the floor of 10 % of the underlying.
    let floor = ether.ledger.currentMargin(of: seller)
    #expect(floor.initialMargin == Money(Int64(110_000)))
  }

  private func expectOpenLoss(_ expected: Int64, _ position: UInt32, _ ledger: borrowing Ledger) {
    let loss = ledger.openLoss(of: position)
    #expect(loss == Money(expected))
  }

  @Test("Selling a long option frees nothing in initial equity but the premium; its order reserves nothing")
  func closing() {
    var ether = Ether(index: 200_000, volatility: 800_000_000)
    let option = ether.ledger.addOption(
      1, on: ether.asset, strike: 2_000, isCall: false, multiplier: 100, parameters: .usual)
    let account = ether.ledger.addAccount(1, cash: Money(Int64(1_000_000)))
    _ = ether.ledger.give(10, at: 180, account: account, instrument: option)
    let position = ether.ledger.open(.sell, 10, at: 100, account: account, instrument: option)
    expectOpenLoss(0, position, ether.ledger)
    let free = ether.ledger.currentMargin(of: account)
    #expect(free.initialMargin == .zero)
    ether.ledger.open(.sell, 5, at: 100, account: account, instrument: option)
    // Of five lots more than are held each is worth 183 and brings 100; what the first ten bring does not pay for it.
    expectOpenLoss(41_500, position, ether.ledger)
    let short = ether.ledger.currentMargin(of: account)
    #expect(short.initialMargin == Money(Int64(191_500)))
    // A bid pays its whole premium.
    ether.ledger.open(.buy, 3, at: 170, account: account, instrument: option)
    expectOpenLoss(41_500 + 51_000, position, ether.ledger)
    #expect(ether.ledger.accounts[account].payable == Money(Int64(51_000)))
    #expect(ether.ledger.accounts[account].receivable == Money(Int64(150_000)))
  }

  /// At unchanged marks no fill of an own resting order lowers free margin, whatever the house multiplier is.
  @Test("Fill theorem", arguments: seeds) func fillTheorem(seed: Int) {
    var venue = RandomVenue(seed: 9000 + seed)
    let asset = venue.ledger.addAsset(1, price: venue.number(100...3000))
    venue.ledger.assets[asset].flatVolatility = Rate(venue.number(100_000_000...2_000_000_000))
    for id in 1...3 as ClosedRange<UInt32> {
      var parameters = OptionParameters()
      parameters.maintenanceRate = Rate(venue.number(0...100_000_000))
      parameters.minimumRate = Rate(parameters.maintenanceRate.rawValue + venue.number(0...100_000_000))
      parameters.maximumRate = Rate(parameters.minimumRate.rawValue + venue.number(0...200_000_000))
      venue.perpetuals.append(
        venue.ledger.addOption(
          id, on: asset, strike: venue.number(50...4000), isCall: id != 2, days: venue.number(1...400),
          multiplier: venue.number(1...50), priceUnit: 1_000_000_000_000, maximumPrice: id == 3 ? 50_000 : nil,
          parameters: parameters))
      let option = venue.perpetuals[Int(id - 1)]
      venue.ledger.instruments[option].makerFee = Rate(venue.number(-100_000...5_000_000))
    }
    for id in 1...5 as ClosedRange<UInt32> { venue.addAccount(id) }
    var fills = 0
    for _ in 0..<400 {
      let option = venue.perpetuals[Int(venue.number(0...2))]
      switch venue.number(1...10) {
      case 1:
        venue.ledger.setIndex(of: asset, to: venue.number(100...3000))
      case 2 where !venue.orders.isEmpty:
        venue.cancel(Int(venue.number(0...Int64(venue.orders.count - 1))))
      case 3...5:
        venue.rest(option, near: venue.ledger.instruments[option].mark.rawValue)
      default:
        guard !venue.orders.isEmpty else { continue }
        let index = Int(venue.number(0...Int64(venue.orders.count - 1)))
        let lots = venue.fillable(venue.orders[index])
        if lots == 0 { continue }
        fills += 1
        let free = venue.accounts.map { venue.ledger.currentMargin(of: $0).free }
        venue.fill(index, lots: venue.number(1...lots))
        for (account, before) in zip(venue.accounts, free) {
          let after = venue.ledger.currentMargin(of: account).free
          #expect(after >= before)
        }
      }
    }
    #expect(fills > 50)
    for account in venue.accounts {
      let agrees = venue.agreesWithFreshCaches(account)
      #expect(agrees)
    }
  }

  @Test("Fully collateralised: free margin does not depend on the mark, and the worst payoff is covered")
  func fullyCollateralised() {
    var ether = Ether(index: 200_000, volatility: 800_000_000)
    let call = ether.ledger.addOption(
      1, on: ether.asset, strike: 2_000, isCall: true, multiplier: 100, maximumPrice: 1_500, parameters: .usual)
    let put = ether.ledger.addOption(
      2, on: ether.asset, strike: 1_800, isCall: false, multiplier: 100, parameters: .usual)
    let account = ether.ledger.addAccount(1, mode: .fullyCollateralised, flags: [], cash: Money(Int64(5_000_000)))
    _ = ether.ledger.give(-10, at: 180, account: account, instrument: call)
    _ = ether.ledger.give(-4, at: 90, account: account, instrument: put)
    _ = ether.ledger.give(3, at: 200, account: account, instrument: call)
    // 5,000,000 + 180,000 + 36,000 − 60,000 less the most that seven calls and four puts pay.
    let free = Money(Int64(5_156_000 - 7 * 150_000 - 4 * 180_000))
    for index: Int64 in [200_000, 1_000, 900_000, 350_000] {
      ether.ledger.setIndex(of: ether.asset, to: index)
      let margin = ether.ledger.currentMargin(of: account)
      #expect(margin.free == free && margin.cushion == free)
    }
    for settlement: Int64 in [0, 1, 1_799, 2_000, 3_500, 90_000] {
      for option in [call, put] {
        let record = ether.ledger.instruments[option]
        #expect(record.option.payoff(at: Price(settlement), cap: record.maximumPrice) <= record.maximumPrice)
      }
    }
  }
}
