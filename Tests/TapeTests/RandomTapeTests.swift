import Testing

@testable import Tape

@Suite struct RandomTapeTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `Random tapes come out of the kernel as the format means them`(seed: UInt64) throws {
    let tape = RandomTape.make(seed: seed, count: 1500)
    #expect(tape.fills.count > 200)
    let check = try TapeCheck.run(tape, route: .offline, isSilent: true)
    #expect(check.comparison.isExact, "seed \(seed)\n\(check.text)")
    #expect(check.comparison.exact == tape.fills.count)
  }

  @Test(arguments: [31, 32, 33] as [UInt64])
  func `Random tapes come out of a server as the format means them`(seed: UInt64) throws {
    let tape = RandomTape.make(seed: seed, count: 1500)
    let check = try TapeCheck.run(tape, route: .tcp, isSilent: true)
    #expect(check.comparison.isExact, "seed \(seed)\n\(check.text)")
    #expect(check.barriers > 0)
  }

  @Test(arguments: [41, 42] as [UInt64])
  func `Late answers change nothing`(seed: UInt64) throws {
    let tape = RandomTape.make(seed: seed, count: 800)
    let check = try TapeCheck.run(tape, through: NaiveVenue(isImmediate: false), route: .offline, isSilent: true)
    #expect(check.comparison.isExact, "seed \(seed)\n\(check.text)")
  }

  @Test(arguments: [TapeCheck.Route.offline, .tcp])
  func `Sizes that no single master may hold are spread over many`(route: TapeCheck.Route) throws {
    let tape = RandomTape.make(seed: 51, count: 400, sizeFactor: 33_333_333_333)
    let check = try TapeCheck.run(tape, route: route, isSilent: true)
    #expect(check.comparison.isExact, "\(check.text)")
    #expect(check.scale.lot == 1)
    #expect(check.unexpectedRefusals == 0, "\(check.text)")
  }
}
