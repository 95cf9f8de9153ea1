import Foundation
import Testing
import Values
import Wire

/// Everything at once: all flows in one venue, every account audited in full after every command.
@Suite("Everything at once", .serialized) struct DynamicStreamTests {
  /// Commands in all; LOCKSTEP_STREAM_COMMANDS says how many.
  private static let commands: Int = {
    let wanted = ProcessInfo.processInfo.environment["LOCKSTEP_STREAM_COMMANDS"].flatMap { Int($0) }
    #if DEBUG
      return wanted ?? 4_000
    #else
      return wanted ?? 200_000
    #endif
  }()

  @Test("Incremental margin equals the full recompute after every command, and money is conserved", arguments: 1...4)
  func exact(seed: UInt64) throws {
    try run(allFlows(), seed: seed, commands: Self.commands / 4)
  }

  /// Without what has short intervals, so that days can pass: debts double, and accounts are liquidated by interest.
  @Test("The same with debts that grow for years", arguments: 5...6)
  func years(seed: UInt64) throws {
    let venue = try run(
      [OrderFlow(), MoneyFlow(), PortfolioFlow(), LiquidationFlow(), InterestFlow(isSlow: true)], seed: seed,
      commands: Self.commands / 4)
    #expect(
      venue.reported[.interestSettled, default: 0] > 20 && venue.reported[.liquidationStep, default: 0] > 0,
      "\(venue.reported) \(venue.applied)")
  }

  @discardableResult private func run(_ all: [any Flow], seed: UInt64, commands: Int) throws -> DynamicVenue {
    var random = Random(seed: seed)
    let venue = DynamicVenue(Cast.definition)
    Cast.setUp(venue, &random)
    var flows = all
    for index in flows.indices { flows[index].setUp(venue, &random) }
    let wheel = flows.indices.flatMap { Array(repeating: $0, count: flows[$0].weight) }
    var nextRestart = 150
    while venue.commands < commands && venue.finding == nil {
      flows[random.pick(wheel)].step(venue, &random)
      if venue.commands > nextRestart {
        try venue.restart()
        nextRestart = venue.commands + 150
      }
    }
    #expect(venue.finding == nil, "seed \(seed): \(venue.finding ?? "")")
    #expect(venue.reported[.orderFilled, default: 0] > 20, "nothing was traded")
    return venue
  }
}
