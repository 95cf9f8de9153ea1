import Testing
import Values

@testable import Margin

/// Bands against a full sweep: random accounts, random joint moves of everything that moves. Whoever is past an edge must
/// have a crossed trigger.
@Suite struct BandTests {
  /// A venue of three perpetuals with every term on, two assets, and accounts at every distance from their edges.
  private struct Market: ~Copyable {
    var ledger: Ledger
    var random: SeededGenerator
    var levels: [Rate]
    let instruments: [UInt32]
    let assets: [UInt32]
    var accounts: [UInt32] = []

    init(seed: Int, accounts count: Int) {
      var limits = Limits.small
      limits.accounts = count + 8
      limits.positions = count * 4 + 16
      limits.balances = count * 4 + 16
      ledger = Ledger(limits: limits, moneyDigits: 8)
      random = SeededGenerator(seed)
      levels = []
      let tiers = ledger.addSchedule(1, [(.zero, basisPoints(60)), (mq(4_000_000), basisPoints(4_500))])
      let haircuts = ledger.addSchedule(2, [(.zero, basisPoints(300)), (mq(5_000_000), basisPoints(900))])
      assets = [
        ledger.addAsset(
          1, priceScale: 3, haircuts: (haircuts, haircuts), addons: (basisPoints(600), basisPoints(900)),
          price: 50_000),
        ledger.addAsset(2, priceScale: 2, addons: (basisPoints(300), basisPoints(400)), price: 7_000),
      ]
      var made: [UInt32] = []
      for (id, mark) in [(1, 60_000), (2, 3_000), (3, 35)] as [(UInt32, Int64)] {
        var parameters = MarginParameters.flat(maintenance: basisPoints(50), initial: basisPoints(100))
        parameters.maintenanceTiers = tiers
        parameters.sizeFactor = Rate(20_000)
        parameters.maintenanceVolatility = Rate(8_000_000)
        let slot = ledger.addPerpetual(id, multiplier: 1 + Int64(id), parameters: parameters, mark: mark)
        ledger.setCurve(
          of: slot, closingLongs: true,
          to: ImpactCurve(knots: [(Quantity(100), Rate(500_000)), (Quantity(1_000), Rate(2_000_000))]))
        ledger.setCurve(
          of: slot, closingLongs: false,
          to: ImpactCurve(knots: [(Quantity(90), Rate(700_000)), (Quantity(400), Rate(2_500_000))]))
        made.append(slot)
      }
      instruments = made
      for index in 0..<count { addAccount(UInt32(index + 1)) }
    }

    mutating func addAccount(_ id: UInt32) {
      let multiplier = Int.random(in: 0..<5, using: &random) == 0 ? Rate(1_300_000_000) : .one
      let account = ledger.addAccount(id, multiplier: multiplier)
      for asset in assets where Int.random(in: 0..<3, using: &random) == 0 {
        ledger.deposit(Money(Int64.random(in: -30_000...90_000, using: &random)), account: account, asset: asset)
      }
      for instrument in instruments where Int.random(in: 0..<3, using: &random) > 0 {
        let lots = Int64.random(in: 1...3_500, using: &random) * (Bool.random(using: &random) ? 1 : -1)
        _ = ledger.give(
          lots, at: ledger.instruments[instrument].mark.rawValue, account: account, instrument: instrument)
      }
      let margin = ledger.currentMargin(of: account)
      // From just inside to ten times the requirement.
      let share = Int64.random(in: 10...100, using: &random) * Int64.random(in: 1...50, using: &random)
      let cash = -margin.cushion.rawValue + margin.maintenanceMargin.rawValue * Int128(share) / 1_000 + 1
      ledger.deposit(Money(cash), account: account, asset: 0)
      accounts.append(account)
      levels.append([Rate(800_000_000), Rate(900_000_000), .one].randomElement(using: &random)!)
      band(account)
    }

    func isPast(_ account: UInt32, _ margin: AccountMargin) -> Bool {
      let level = levels[Int(account) - 1]
      return margin.equity < .zero || margin.uses(moreThan: level)
    }

    /// New bands; who is past an edge already leaves the game.
    mutating func band(_ account: UInt32) {
      let margin = ledger.currentMargin(of: account)
      if isPast(account, margin) {
        ledger.removeBands(of: account)
        accounts.removeAll { $0 == account }
      } else {
        ledger.makeBands(of: account, margin: margin, level: levels[Int(account) - 1])
      }
    }

    /// A fill near the mark in one of the account's instruments, and the look at its bands that follows. Returns whether
    /// that look was short.
    mutating func fill(_ account: UInt32) -> Bool {
      let instrument = instruments.randomElement(using: &random)!
      let size = [3, 40, 900].randomElement(using: &random)!
      let lots = Int64.random(in: 1...Int64(size), using: &random) * (Bool.random(using: &random) ? 1 : -1)
      let price = move(ledger.instruments[instrument].mark.rawValue, by: 500)
      let position = ledger.give(lots, at: price, account: account, instrument: instrument)
      let level = levels[Int(account) - 1]
      let margin = ledger.currentMargin(of: account)
      if !isPast(account, margin) {
        if ledger.bandsHold(afterFillIn: position, level: level) { return true }
        if ledger.bandsHold(of: account, margin: margin, level: level) { return false }
      }
      band(account)
      return false
    }

    mutating func move(_ value: Int64, by partsPerMillion: Int64) -> Int64 {
      let change = Int64.random(in: -partsPerMillion...partsPerMillion, using: &random)
      return max(1, value + value * change / 1_000_000 + Int64.random(in: -1...1, using: &random))
    }

    /// Several things move at once.
    mutating func moveSomething(_ size: Int64) {
      for instrument in instruments where Int.random(in: 0..<2, using: &random) == 0 {
        ledger.setMark(of: instrument, to: Price(move(ledger.instruments[instrument].mark.rawValue, by: size)))
      }
      for asset in assets where Int.random(in: 0..<2, using: &random) == 0 {
        ledger.setPrice(of: asset, to: Price(move(ledger.assets[asset].price.rawValue, by: size)), stable: nil)
      }
      let instrument = instruments.randomElement(using: &random)!
      if Int.random(in: 0..<5, using: &random) == 0 {
        var parameters = ledger.instruments[instrument].parameters
        let change = Int64.random(in: -300_000...600_000, using: &random)
        parameters.maintenanceVolatility = Rate(
          min(60_000_000, max(5_000_000, parameters.maintenanceVolatility.rawValue + change)))
        ledger.setParameters(of: instrument, to: parameters)
      }
      if Int.random(in: 0..<5, using: &random) == 0 {
        let long = Bool.random(using: &random)
        let slot = long ? ledger.instruments[instrument].longCurve : ledger.instruments[instrument].shortCurve
        let old = ledger.curves[slot]
        var knots: [(Quantity, Rate)] = []
        var lowest: Int64 = 0
        for index in 0..<old.count {
          let change = ([-300_000, 0, 300_000, 300_000] as [Int64]).randomElement(using: &random)!
          lowest = max(lowest, min(40_000_000, max(0, old.knot(index).1.rawValue + change)))
          knots.append((old.knot(index).0, Rate(lowest)))
        }
        ledger.setCurve(of: instrument, closingLongs: long, to: ImpactCurve(knots: knots))
      }
    }

    /// What the ladders say has to be looked at.
    mutating func crossed() -> Set<UInt32> {
      var found: Set<UInt32> = []
      for instrument in instruments {
        let mark = ledger.instruments[instrument].mark.rawValue
        drain(Ledger.markLadder(instrument, falls: true), at: mark, into: &found)
        drain(Ledger.markLadder(instrument, falls: false), at: mark, into: &found)
        for long in [true, false] {
          drain(
            Ledger.rateLadder(instrument, long: long), at: ledger.rateCoordinate(of: instrument, long: long),
            into: &found)
        }
      }
      for asset in assets {
        for falls in [true, false] {
          drain(ledger.priceLadder(asset, falls: falls), at: ledger.assets[asset].price.rawValue, into: &found)
        }
      }
      return found
    }

    private mutating func drain(_ ladder: UInt32, at coordinate: Int64, into found: inout Set<UInt32>) {
      while case let trigger = ledger.triggers.popCrossed(ladder, at: coordinate), trigger != 0 {
        found.insert(ledger.account(ofTrigger: trigger))
      }
    }
  }

  @Test("A full sweep at every step finds nobody the bands missed", arguments: 1...6)
  func fullSweep(seed: Int) {
    var market = Market(seed: seed, accounts: 120)
    var (past, touches, visits) = (0, 0, 0)
    for step in 0..<400 {
      let sizes: [Int64] = [300, 800, 3_000]
      market.moveSomething(step % 40 == 39 ? 30_000 : sizes[seed % 3])
      let crossed = market.crossed()
      touches += crossed.count
      visits += market.accounts.count
      for account in market.accounts {
        let margin = market.ledger.currentMargin(of: account)
        if market.isPast(account, margin) {
          past += 1
          #expect(crossed.contains(account), "step \(step): account \(account) is past its edge and was not found")
        }
      }
      for account in crossed.sorted() where market.accounts.contains(account) { market.band(account) }
    }
    #expect(past > 10)
    #expect(touches < visits / 4, "\(touches) touches of \(visits)")
  }

  @Test(
    "With fills between the moves, after which only one position is looked at, nobody is missed either",
    arguments: 1...6)
  func fills(seed: Int) {
    var market = Market(seed: 200 + seed, accounts: 160)
    var (past, fills, short) = (0, 0, 0)
    for step in 0..<300 where market.accounts.count > 5 {
      for _ in 0..<20 where !market.accounts.isEmpty {
        fills += 1
        if market.fill(market.accounts.randomElement(using: &market.random)!) { short += 1 }
      }
      for account in market.accounts {
        let margin = market.ledger.currentMargin(of: account)
        let isAbove = market.ledger.isAboveFloor(account, margin, level: market.levels[Int(account) - 1])
        #expect(isAbove, "step \(step): account \(account) has less than its floor")
      }
      market.moveSomething(step % 10 == 9 ? 40_000 : 3_000)
      let crossed = market.crossed()
      for account in market.accounts {
        let margin = market.ledger.currentMargin(of: account)
        if market.isPast(account, margin) {
          past += 1
          #expect(crossed.contains(account), "step \(step): account \(account) is past its edge and was not found")
        }
      }
      for account in crossed.sorted() where market.accounts.contains(account) { market.band(account) }
    }
    #expect(past > 5 && short > fills / 2, "\(past) past, \(short) of \(fills) fills had a short look")
  }

  @Test("With everything at its threshold at once nobody is past an edge, after fills neither", arguments: 1...400)
  func corner(seed: Int) {
    var market = Market(seed: 100 + seed, accounts: 1)
    for _ in 0..<(seed > 30 ? 1 + seed % 9 : 0) where !market.accounts.isEmpty { _ = market.fill(market.accounts[0]) }
    guard let account = market.accounts.first else { return }
    var position = market.ledger.accounts[account].firstPosition
    while position != 0 {
      let instrument = market.ledger.positions[position].instrument
      let isLong = market.ledger.positions[position].quantity > .zero
      let mark = market.ledger.triggers[
        market.ledger.trigger(isLong ? .fallingMark : .risingMark, of: position)
      ]
      let rate = market.ledger.triggers[market.ledger.trigger(.risingRate, of: position)]
      var parameters = market.ledger.instruments[instrument].parameters
      let rise = rate.threshold - market.ledger.rateCoordinate(of: instrument, long: isLong)
      parameters.maintenanceVolatility.rawValue += rise
      market.ledger.setParameters(of: instrument, to: parameters)
      market.ledger.setMark(of: instrument, to: Price(max(1, mark.threshold)))
      position = market.ledger.positions[position].next
    }
    var balance = market.ledger.accounts[account].firstBalance
    while balance != 0 {
      let threshold = market.ledger.triggers[market.ledger.trigger(ofBalance: balance)].threshold
      market.ledger.setPrice(of: market.ledger.balances[balance].asset, to: Price(max(1, threshold)), stable: nil)
      balance = market.ledger.balances[balance].next
    }
    let margin = market.ledger.currentMargin(of: account)
    let isPast = market.isPast(account, margin)
    #expect(!isPast)
    let crossed = market.crossed()
    #expect(crossed.isEmpty)
  }

  @Test("Bands that were just made hold, and stop to hold when their account loses what they promised")
  func bandsHold() {
    var market = Market(seed: 3, accounts: 60)
    for account in market.accounts {
      let level = market.levels[Int(account) - 1]
      let margin = market.ledger.currentMargin(of: account)
      let room = market.ledger.room(of: account, margin, BandView(level: level))
      if room < 0 { continue }
      let hold = market.ledger.bandsHold(of: account, margin: margin, level: level)
      #expect(hold)
      market.ledger.deposit(Money(-(margin.cushion.rawValue + 1)), account: account, asset: 0)
      let after = market.ledger.currentMargin(of: account)
      let stillHold = market.ledger.bandsHold(of: account, margin: after, level: level)
      #expect(!stillHold)
    }
  }

  @Test("A quiet market touches nobody: a mark that moves inside all bands costs two comparisons")
  func quiet() {
    var ledger = Ledger()
    let instrument = ledger.addPerpetual(
      1, parameters: .flat(maintenance: basisPoints(100), initial: basisPoints(200)), mark: 10_000)
    for id in UInt32(1)...4 {
      let account = ledger.addAccount(id, cash: mq(5_000))
      _ = ledger.give(id % 2 == 0 ? 1 : -1, at: 10_000, account: account, instrument: instrument)
      ledger.makeBands(of: account, margin: ledger.currentMargin(of: account), level: .one)
    }
    func isCrossed(_ falls: Bool, at mark: Int64) -> Bool {
      ledger.triggers.isCrossed(Ledger.markLadder(instrument, falls: falls), at: mark)
    }
    for mark in [9_000, 11_000, 10_500, 8_000, 12_000] as [Int64] {
      let any = isCrossed(true, at: mark) || isCrossed(false, at: mark)
      #expect(!any)
    }
    let (low, high) = (isCrossed(true, at: 5_000), isCrossed(false, at: 15_000))
    #expect(low && high)
  }
}
