import Kernel
import Testing
import Values

/// What a solvency report is made of, on a venue in which everything happens.
@Suite("Liabilities", .serialized) struct LiabilityTests {
  @Test("Balances, positions and the house's money are what was deposited, asset by asset, all through a stream")
  func conserved() throws {
    var random = Random(seed: 19)
    let venue = DynamicVenue(Cast.definition)
    Cast.setUp(venue, &random)
    var flows = allFlows()
    for index in flows.indices { flows[index].setUp(venue, &random) }
    let wheel = flows.indices.flatMap { Array(repeating: $0, count: flows[$0].weight) }
    var kinds: [Liabilities.House.Kind: Int] = [:]
    for _ in 0..<6 {
      for _ in 0..<80 where venue.finding == nil { flows[random.pick(wheel)].step(venue, &random) }
      // Hours pass: funding is exchanged, and is in the pools until it is paid.
      venue.settle(after: 8 * 3_600_000_000_000)
      try #require(venue.finding == nil, "\(venue.finding ?? "")")
      let before = venue.stateBytes()
      let liabilities = venue.liabilities()
      for entry in liabilities.house where entry.amount != .zero { kinds[entry.kind, default: 0] += 1 }
      try check(liabilities)
      #expect(venue.stateBytes() == before, "a reading changed the state")
    }
    #expect(
      kinds[.fees] != nil && kinds[.pool] != nil && kinds[.accrued] != nil && kinds[.insuranceFund] != nil
        && kinds[.reserve] != nil, "\(kinds)")
  }

  private func check(_ liabilities: Liabilities) throws {
    try #require(liabilities.assets.first?.id == .settlement)
    for (column, asset) in liabilities.assets.enumerated() {
      var total = Money.zero
      for account in liabilities.accounts {
        total += account.balances[column]
        if column == 0 { total += account.positions }
      }
      for entry in liabilities.house where entry.asset == asset.id {
        total += entry.amount
        #expect(entry.kind != .reserve || entry.amount >= .zero, "a reserve of \(entry.amount.rawValue)")
      }
      #expect(
        total == asset.deposited,
        "asset \(asset.id.rawValue): Kernel/Liabilities.swift misses money that the conservation check counts")
    }
    for account in liabilities.accounts {
      var worth = account.positions
      for (asset, balance) in zip(liabilities.assets, account.balances) {
        var scale: Int128 = 1
        for _ in 0..<asset.priceScale { scale *= 10 }
        worth += Money((balance.rawValue * Int128(asset.price.rawValue)).dividedRoundingDown(by: scale))
      }
      #expect(account.equity == worth, "account \(account.id.rawValue)")
      #expect(account.maintenanceMargin >= .zero)
    }
  }
}
