import Testing
import Values

@testable import Margin

/// Bands of accounts with options in portfolio mode: whatever moves to its thresholds, or anywhere where there is none, one
/// coordinate at a time or all together, leaves at least what the bands promise.
@Suite struct OptionBandTests {
  /// What can be moved.
  enum Coordinate: String, CaseIterable, Sendable {
    case underlying, volatility, time, range, mark, collateral, curve
  }

  /// A perpetual, two months of calls and puts on one asset, a second asset as collateral, and one account.
  private struct Market: ~Copyable {
    var ledger = Ledger()
    var random: SeededGenerator
    let asset: UInt32
    let collateral: UInt32
    let perpetual: UInt32
    var options: [UInt32] = []
    let account: UInt32
    let level: Rate

    init(seed: Int) {
      random = SeededGenerator(seed)
      asset = ledger.addAsset(1, priceScale: 2, price: 6_000_000)
      collateral = ledger.addAsset(2, priceScale: 2, price: 250_000)
      var parameters = MarginParameters.flat(maintenance: basisPoints(50), initial: basisPoints(100))
      parameters.maintenanceVolatility = Rate(Int64.random(in: 40_000_000...200_000_000, using: &random))
      perpetual = ledger.addPerpetual(1, multiplier: 10, parameters: parameters, mark: 60_000)
      ledger.instruments[perpetual].baseAsset = asset
      var group = GroupParameters()
      group.rangeFloor = Rate(30_000_000)
      group.volatilityInstrument = Bool.random(using: &random) ? perpetual : 0
      group.volatilityShock = Rate(Int64.random(in: 0...400_000_000, using: &random))
      group.spreadRate = Rate([0, 10_000_000, 300_000_000].randomElement(using: &random)!)
      group.shortOptionMinimum = mq(100)
      ledger.setRiskGroup(of: asset, to: group)
      ledger.assets[asset].flatVolatility = Rate(Int64.random(in: 200_000_000...1_500_000_000, using: &random))
      for id in UInt32(2)...5 {
        let days: Int64 = id < 4 ? 2 : 40
        options.append(
          ledger.addOption(
            id, on: asset, strike: Int64.random(in: 40...80, using: &random) * 1_000, isCall: id % 2 == 0, days: days,
            multiplier: 10, parameters: .usual))
      }
      for option in options where Bool.random(using: &random) {
        for long in [true, false] {
          ledger.setCurve(
            of: option, closingLongs: long,
            to: ImpactCurve(knots: [(Quantity(20), basisPoints(50)), (Quantity(150), basisPoints(200))]))
        }
      }
      level = [Rate(800_000_000), Rate(900_000_000), .one].randomElement(using: &random)!
      let multiplier = [Rate.one, .one, Rate(1_300_000_000), Rate(4_000_000_000)].randomElement(using: &random)!
      account = ledger.addAccount(1, mode: .portfolio, multiplier: multiplier)
      // One option alone, or a book.
      let book = Bool.random(using: &random) ? options + [perpetual] : [options.randomElement(using: &random)!]
      for instrument in book {
        let lots = Int64.random(in: 1...400, using: &random) * (Bool.random(using: &random) ? 1 : -1)
        _ = ledger.give(
          lots, at: ledger.instruments[instrument].mark.rawValue, account: account, instrument: instrument)
      }
      if Bool.random(using: &random) { ledger.deposit(mq(20_000_000), account: account, asset: collateral) }
      let margin = ledger.currentMargin(of: account)
      let needed =
        ledger.bandMaintenance(of: account, worst: false).rawValue * 1_000_000_000
        / Int128(level.rawValue)
      let share = Int64.random(in: 5...800, using: &random)
      ledger.deposit(
        Money(needed - margin.equity.rawValue + needed * Int128(share) / 1_000), account: account, asset: 0)
      ledger.makeBands(of: account, margin: ledger.currentMargin(of: account), level: level)
    }

    /// A threshold, or where there is none a place far away.
    mutating func goal(_ falls: PositionTrigger, _ rises: PositionTrigger, _ position: UInt32, at now: Int64) -> Int64 {
      let isFalling = Bool.random(using: &random)
      let bounds = ledger.band(falls, rises, of: position)
      return isFalling ? bounds.lower ?? max(1, now / 3) : bounds.upper ?? now * 2
    }

    mutating func move(_ coordinates: Set<Coordinate>) {
      if coordinates.contains(.collateral) {
        let balance = ledger.accounts[account].firstBalance
        if balance != 0, let lower = ledger.band(ofBalance: balance).lower {
          ledger.setPrice(of: collateral, to: Price(max(1, lower)), stable: nil)
        }
      }
      // The narrowest of all positions' bounds, in a direction for each.
      var volatility: Int64?
      var position = ledger.accounts[account].firstPosition
      let rises = Bool.random(using: &random)
      while position != 0 {
        let instrument = ledger.positions[position].instrument
        if coordinates.contains(.range) {
          let bounds = ledger.band(.fallingRange, .risingRange, of: position)
          let now = ledger.coordinate(.fallingRate, of: perpetual)
          let goal = rises ? bounds.upper ?? now : bounds.lower ?? now
          volatility = volatility.map { rises ? min($0, goal) : max($0, goal) } ?? goal
        }
        if instrument == perpetual {
          if coordinates.contains(.mark) {
            let mark = goal(.fallingMark, .risingMark, position, at: ledger.instruments[instrument].mark.rawValue)
            ledger.setMark(of: instrument, to: Price(max(1, mark)))
          }
        } else {
          if coordinates.contains(.curve) { moveCurve(instrument, position) }
          moveOption(instrument, position, coordinates)
        }
        position = ledger.positions[position].next
      }
      if let volatility, ledger.groups[1].parameters.volatilityInstrument != 0 {
        var parameters = ledger.instruments[perpetual].parameters
        parameters.maintenanceVolatility = Rate(volatility)
        ledger.setParameters(of: perpetual, to: parameters)
      }
    }

    /// Raises the curve by which a position would be closed, up to its band, or far where there is none.
    private mutating func moveCurve(_ instrument: UInt32, _ position: UInt32) {
      let long = ledger.positions[position].quantity > .zero
      let record = ledger.instruments[instrument]
      let curve = ledger.curves[long ? record.longCurve : record.shortCurve]
      if curve.count == 0 { return }
      let now = ledger.rateCoordinate(of: instrument, long: long)
      let rise = (ledger.band(nil, .risingRate, of: position).upper ?? now + 200_000_000) - now
      let knots = (0..<curve.count).map { (curve.knot($0).0, Rate(curve.knot($0).1.rawValue + rise)) }
      ledger.setCurve(of: instrument, closingLongs: long, to: ImpactCurve(knots: knots))
    }

    /// Each option is priced with an underlying of its own: coordinates of different options move as they like.
    private mutating func moveOption(_ option: UInt32, _ position: UInt32, _ coordinates: Set<Coordinate>) {
      let record = ledger.instruments[option].option
      if coordinates.contains(.volatility) {
        let goal = goal(.fallingVolatility, .risingVolatility, position, at: record.volatility.rawValue)
        ledger.instruments[option].option.ownVolatility = Rate(max(1, goal))
      }
      var time = record.pricedAt
      if coordinates.contains(.time) {
        let lower = ledger.band(.fallingTime, nil, of: position).lower ?? 1_000_000_000
        time = Timestamp(ledger.instruments[option].expiry.time.rawValue - lower)
      }
      var underlying = record.underlying.rawValue
      if coordinates.contains(.underlying) {
        underlying = goal(.fallingUnderlying, .risingUnderlying, position, at: underlying)
      }
      ledger.assets[asset].price = Price(max(1, underlying) * 100)
      ledger.reprice(option, at: time)
    }

    /// Whether the account has what its bands promise, and nothing is crossed.
    mutating func keepsItsPromise() -> Bool {
      let margin = ledger.currentMargin(of: account)
      let isAbove = ledger.isAboveFloor(account, margin, level: level)
      return isAbove && !margin.uses(moreThan: level) && ledger.crossing(of: account) == .none
    }
  }

  @Test("One coordinate at its threshold, all others where they were", arguments: Coordinate.allCases, 1...120)
  func one(coordinate: Coordinate, seed: Int) {
    var market = Market(seed: seed)
    if market.ledger.accounts[market.account].isWatched { return }
    market.move([coordinate])
    let keeps = market.keepsItsPromise()
    #expect(keeps)
  }

  @Test("All coordinates at their thresholds together", arguments: 1...600)
  func joint(seed: Int) {
    var market = Market(seed: 1_000 + seed)
    if market.ledger.accounts[market.account].isWatched { return }
    market.move(Set(Coordinate.allCases))
    let keeps = market.keepsItsPromise()
    #expect(keeps)
  }

  @Test("A step beyond a threshold is crossed", arguments: 1...60)
  func beyond(seed: Int) {
    var market = Market(seed: 3_000 + seed)
    let position = market.ledger.accounts[market.account].firstPosition
    let option = market.ledger.positions[position].instrument
    guard market.ledger.instruments[option].kind == .option else { return }
    let bounds = market.ledger.band(.fallingUnderlying, .risingUnderlying, of: position)
    guard let beyond = bounds.lower.map({ $0 - 1 }) ?? bounds.upper.map({ $0 + 1 }), beyond > 0 else { return }
    market.ledger.assets[market.asset].price = Price(beyond * 100)
    market.ledger.reprice(option, at: midnight)
    #expect(market.ledger.crossing(of: market.account) == .known)
  }

  @Test("Without room an account is on its group's list, and every pricing and mark crosses; with room it is off again")
  func watched() {
    var market = Market(seed: 5)
    let account = market.account
    let cushion = market.ledger.currentMargin(of: account).cushion
    market.ledger.deposit(-cushion, account: account, asset: 0)
    market.ledger.makeBands(of: account, margin: market.ledger.currentMargin(of: account), level: market.level)
    #expect(market.ledger.accounts[account].isWatched && market.ledger.watchLength(of: 1) == 1)
    let position = market.ledger.accounts[account].firstPosition
    let option = market.ledger.positions[position].instrument
    market.ledger.reprice(option, at: Timestamp(midnight.rawValue + 1))
    #expect(market.ledger.crossing(of: account) == .known)
    market.ledger.deposit(dollars(10_000_000), account: account, asset: 0)
    market.ledger.makeBands(of: account, margin: market.ledger.currentMargin(of: account), level: market.level)
    #expect(!market.ledger.accounts[account].isWatched && market.ledger.watchLength(of: 1) == 0)
  }
}
