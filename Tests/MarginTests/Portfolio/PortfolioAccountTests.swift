import Testing
import Values

@testable import Margin

/// Accounts in portfolio mode, driven by chance with every term on.
struct PortfolioAccountTests {
  /// Two underlyings with two perpetuals each, accounts of three masters in all modes.
  private func makeVenue(seed: Int) -> RandomVenue {
    var venue = RandomVenue(seed: 7000 + seed)
    let assets = (1...3 as ClosedRange<UInt16>).map { venue.addGroup($0) }
    for id in 1...5 as ClosedRange<UInt32> { venue.addPerpetual(id, on: assets[Int(id) % 3]) }
    venue.addCredits()
    if venue.chance(50) {
      venue.ledger.groups[1].parameters.volatilityInstrument = venue.perpetuals[0]
    }
    for id in 1...4 as ClosedRange<UInt32> { venue.addPortfolioAccount(id) }
    venue.addAccount(5)
    return venue
  }

  private func step(_ venue: inout RandomVenue) {
    let instrument = venue.perpetuals[Int(venue.number(0...4))]
    let mark = venue.ledger.instruments[instrument].mark.rawValue
    switch venue.number(1...20) {
    case 1, 2:
      venue.ledger.setMark(of: instrument, to: Price(max(1, mark + venue.number(-mark / 10...mark / 10))))
    case 3:
      var parameters = venue.ledger.instruments[instrument].parameters
      parameters.maintenanceVolatility = Rate(venue.number(0...500_000_000))
      venue.ledger.setParameters(of: instrument, to: parameters)
    case 4:
      let group = UInt32(venue.number(1...3))
      var parameters = venue.ledger.groups[group].parameters
      parameters.spreadRate = Rate(venue.number(0...90_000_000))
      venue.ledger.setRiskGroup(of: venue.ledger.groups[group].asset, to: parameters)
    case 5...6 where !venue.orders.isEmpty:
      venue.cancel(Int(venue.number(0...Int64(venue.orders.count - 1))))
    case 5...12:
      venue.rest(instrument, near: mark)
    default:
      guard !venue.orders.isEmpty else { return }
      let index = Int(venue.number(0...Int64(venue.orders.count - 1)))
      let lots = venue.fillable(venue.orders[index])
      if lots > 0 { venue.fill(index, lots: venue.number(1...lots)) }
    }
  }

  @Test(arguments: seeds)
  func everyFigureAgreesWithThePlainOne(seed: Int) {
    var venue = makeVenue(seed: seed)
    for _ in 0..<120 {
      step(&venue)
      for account in venue.accounts where venue.ledger.accounts[account].mode == .portfolio {
        let margin = venue.ledger.currentMargin(of: account)
        let plain = PlainPortfolio(account, venue.ledger)
        #expect(margin.initialMargin.rawValue == plain.initial)
        // The multiplier is applied to the sum of groups and positions, rounded once.
        #expect(margin.maintenanceMargin.rawValue == plain.maintenance)
        #expect(margin.initialMargin >= margin.maintenanceMargin)
      }
    }
    for account in venue.accounts {
      let agrees = venue.agreesWithFreshCaches(account)
      #expect(agrees)
    }
  }

  /// Filling an own resting order at its limit never lowers free margin, in portfolio mode either.
  @Test(arguments: seeds)
  func fillsNeverLowerFreeMargin(seed: Int) {
    var venue = makeVenue(seed: 100 + seed)
    var fills = 0
    for _ in 0..<250 {
      step(&venue)
      guard !venue.orders.isEmpty else { continue }
      let index = Int(venue.number(0...Int64(venue.orders.count - 1)))
      let lots = venue.fillable(venue.orders[index])
      if lots == 0 { continue }
      fills += 1
      let free = venue.accounts.map { venue.ledger.currentMargin(of: $0).free }
      venue.fill(index, lots: venue.number(1...lots))
      for (account, before) in zip(venue.accounts, free) {
        #expect(venue.ledger.currentMargin(of: account).free >= before)
      }
    }
    #expect(fills > 50)
  }

  /// W bounds the loss of every scenario after *any* subset of the open orders has filled, in any part and any order.
  @Test(arguments: seeds)
  func theWorstVectorBoundsEveryJointFill(seed: Int) {
    var venue = makeVenue(seed: 200 + seed)
    for _ in 0..<60 { step(&venue) }
    for account in venue.accounts where venue.ledger.accounts[account].mode == .portfolio {
      venue.ledger.touch(account)
      let worst = vectors(of: account, venue.ledger).map(\.worst)
      let initial = venue.ledger.currentMargin(of: account).initialMargin
      for _ in 0..<40 {
        guard
          let index = venue.orders.indices.filter({ venue.orders[$0].account == account }).randomElement(
            using: &venue.generator)
        else { break }
        let lots = venue.fillable(venue.orders[index])
        if lots == 0 { continue }
        venue.fill(index, lots: venue.number(1...lots))
        venue.ledger.touch(account)
        for (bound, now) in zip(worst, vectors(of: account, venue.ledger)) {
          for lane in bound.indices { #expect(bound[lane] <= now.held[lane] && bound[lane] <= now.worst[lane]) }
        }
        // Provisions and losses are paid on the way, so the requirement falls too.
        #expect(venue.ledger.currentMargin(of: account).initialMargin <= initial)
      }
    }
  }

  private func vectors(of account: UInt32, _ ledger: borrowing Ledger) -> [(held: ScanVector, worst: ScanVector)] {
    var list: [(held: ScanVector, worst: ScanVector)] = []
    var holding = ledger.accounts[account].firstHolding
    while holding != 0 {
      list.append((ledger.holdings[holding].held, ledger.holdings[holding].worst))
      holding = ledger.holdings[holding].next
    }
    return list
  }

  /// Into portfolio mode and back, with positions and orders open: nothing is left behind, nothing is lost.
  @Test(arguments: seeds)
  func theModeCanBeSwitchedAtAnyTime(seed: Int) {
    var venue = makeVenue(seed: 300 + seed)
    for _ in 0..<60 {
      step(&venue)
      let account = venue.accounts[Int(venue.number(0...3))]
      let before = venue.ledger.currentMargin(of: account)
      let old = venue.ledger.accounts[account].mode
      for mode in [old == .portfolio ? AccountMode.standard : .portfolio, old] {
        venue.ledger.setMode(of: account, to: mode)
        venue.ledger.invalidate(account)
        venue.ledger.touch(account)
      }
      #expect(venue.ledger.currentMargin(of: account) == before)
      if venue.chance(30) {
        venue.ledger.setMode(of: account, to: old == .portfolio ? .standard : .portfolio)
        venue.ledger.invalidate(account)
      }
    }
    for account in venue.accounts {
      venue.ledger.setMode(of: account, to: .standard)
      venue.ledger.invalidate(account)
      venue.ledger.touch(account)
    }
    #expect(venue.ledger.holdings.count == 0 && venue.ledger.legs.count == 0 && venue.ledger.expiries.count == 0)
  }

  /// A trial puts the vectors back as they were.
  @Test(arguments: seeds)
  func aTrialLeavesNoTrace(seed: Int) {
    var venue = makeVenue(seed: 400 + seed)
    for _ in 0..<100 {
      step(&venue)
      let account = venue.accounts[Int(venue.number(0...3))]
      let position = venue.ledger.position(account: account, instrument: venue.perpetuals[Int(venue.number(0...4))])
      let before = venue.ledger.currentMargin(of: account)
      let trial = venue.ledger.beginTrial(on: position)
      venue.ledger.execute(
        venue.chance(50) ? .buy : .sell, lots: Quantity(venue.number(1...80)), price: Price(100), fee: .zero,
        in: position)
      venue.ledger.touch(account)
      venue.ledger.undo(trial, on: position)
      #expect(venue.ledger.currentMargin(of: account) == before)
      let agrees = venue.agreesWithFreshCaches(account)
      #expect(agrees)
    }
  }

  /// A mark that carries the amounts beyond 64-bit lanes: the same formulas with 128 bits, and back again.
  @Test(arguments: [1, 2, 3] as [Int])
  func amountsBeyondTheLanesAreExact(seed: Int) {
    var venue = makeVenue(seed: 500 + seed)
    for _ in 0..<80 { step(&venue) }
    // The perpetuals of these tests end at 100,000; here marks may go to 2^53.
    for instrument in venue.perpetuals { venue.ledger.instruments[instrument].maximumPrice = Price(Limits.price) }
    var wide = 0
    for _ in 0..<20 {
      for instrument in venue.perpetuals {
        venue.ledger.setMark(of: instrument, to: Price(venue.chance(50) ? 1 << venue.number(40...53) : 700))
      }
      if !venue.orders.isEmpty {
        let lots = venue.fillable(venue.orders[0])
        if lots > 0 { venue.fill(0, lots: lots) }
      }
      for account in venue.accounts where venue.ledger.accounts[account].mode == .portfolio {
        let margin = venue.ledger.currentMargin(of: account)
        let plain = PlainPortfolio(account, venue.ledger)
        #expect(margin.initialMargin.rawValue == plain.initial)
        #expect(margin.maintenanceMargin.rawValue == plain.maintenance)
        var holding = venue.ledger.accounts[account].firstHolding
        while holding != 0 {
          if venue.ledger.holdings[holding].isWide { wide += 1 }
          holding = venue.ledger.holdings[holding].next
        }
      }
    }
    #expect(wide > 0)
  }

  /// The record is what the memory plan says: at most 384 bytes.
  @Test func aHoldingFitsItsPlace() {
    #expect(MemoryLayout<Holding>.stride <= 384)
  }
}
