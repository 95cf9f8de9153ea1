import Foundation
import Testing
import Values
import Wire

/// The kernel against the model, command by command, byte by byte.
@Suite(.serialized) struct StreamTests {
  /// Commands in all; LOCKSTEP_STREAM_COMMANDS says how many.
  private static let commands: Int = {
    let wanted = ProcessInfo.processInfo.environment["LOCKSTEP_STREAM_COMMANDS"].flatMap { Int($0) }
    #if DEBUG
      return wanted ?? 20_000
    #else
      return wanted ?? 1_000_000
    #endif
  }()

  @Test("Kernel and model give the same reports to random streams, in which everything happens")
  func sameReports() {
    var statistics = StreamStatistics()
    let seeds = max(4, Self.commands / 50_000)
    for seed in 1...UInt64(seeds) {
      var comparison = Comparison(seed: seed) { KernelVenue($0) }
      if let difference = comparison.run(Self.commands / seeds, &statistics) {
        Issue.record("\(difference)")
        return
      }
    }
    if ProcessInfo.processInfo.environment["LOCKSTEP_STREAM_STATISTICS"] != nil { print(statistics.text) }
    // A shorter stream than the usual one shows that both agree, not that everything happens.
    if Self.commands < 20_000 { return }
    // The rarest take their time; scenarios of their own cover them too.
    let rare = [
      "cancel makerMargin", "cancel makerBalance", "cancel takerMargin", "cancel matchLimit", "reject orderRateLimit",
      "reject duplicateOrder", "reject instrumentPending",
    ]
    let missing = statistics.missing.filter { Self.commands >= 200_000 || !rare.contains($0) }
    #expect(missing.isEmpty, "never came up")
  }

  @Test("A kernel that is restored from its state again and again gives the same reports")
  func restarts() throws {
    var statistics = StreamStatistics()
    var kernel: KernelVenue?
    var comparison = Comparison(seed: 77) {
      kernel = KernelVenue($0)
      return kernel!
    }
    for number in 1...4_000 {
      let difference = comparison.step(&statistics)
      try #require(difference == nil, "\(difference ?? "")")
      if number.isMultiple(of: 61) { try kernel?.restart() }
    }
  }

  @Test("No mark price stops the kernel, however far beyond every other number")
  func extremeMarks() throws {
    let desk = Desk(.kernel)
    desk.openPerpetual(sizeFactor: 10_000_000)
    for trader: UInt32 in 1...2 { desk.trader(trader, cash: 1_000_000_000_000_000_000) }
    desk.order(1, .sell, 9_000_000_000_000, at: 100)
    desk.order(2, .buy, 9_000_000_000_000, at: 100)
    for mark in [1, Limits.price, 1 << 50, Limits.price - 1, 1, 100] {
      desk.mark(mark)
      for trader: UInt32 in 1...2 {
        desk.deposit(1, to: trader)
        desk.withdraw(5, from: trader)
        desk.order(trader, .buy, 1_000, at: mark, flags: .reduceOnly)
        desk.order(trader, .sell, 1_000, at: mark)
      }
    }
    desk.mark(100)
    // Back among real prices every figure is exact again: the size premium's 1,000 % of what is left of 9·10^12 × 100.
    let (short, long) = (try desk.margin(1), try desk.margin(2))
    #expect(short.maintenance == long.maintenance && short.maintenance % 1_000 == 0)
    #expect((8_999_999_990_000_000...9_000_000_000_000_000).contains(long.maintenance), "\(short), \(long)")
  }

  @Test("The comparison finds planted faults", arguments: PlantedFault.allCases)
  func plantedFaults(fault: PlantedFault) {
    var statistics = StreamStatistics()
    var comparison = Comparison(seed: 5) { ReferenceVenue($0, fault: fault) }
    let difference = comparison.run(4_000, &statistics)
    #expect((difference == nil) == (fault == .none), "\(difference ?? "no difference")")
  }
}
