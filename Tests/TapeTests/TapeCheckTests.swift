import Glibc
import Testing

@testable import Tape

/// A folder with recorded markets that is not part of the project; `nil`: it is not on this machine.
private let recordedMarket: String? = {
  let roots = [getenv("LOCKSTEP_SHARED").map { String(cString: $0) }, "../shared"].compactMap { $0 }
  return roots.map { $0 + "/data/bitstamp-btcusd-2026-05-02" }.first { access("\($0)/commands.csv.gz", R_OK) == 0 }
}()

@Suite struct TapeCheckTests {
  @Test(arguments: [TapeCheck.Route.offline, .tcp])
  func `A small tape with every kind of command comes out as published`(route: TapeCheck.Route) throws {
    let check = try TapeCheck.run(SmallTape.tape(), route: route, isSilent: true)
    #expect(check.comparison.isExact, "\(check.text)")
    #expect((check.comparison.exact, check.comparison.exactTakerOrders) == (3, 2))
    #expect(check.unexpectedRefusals == 0, "\(check.text)")
    #expect(check.rejects == [57: 1])
  }

  @Test func `A wrong published fill is found and named`() throws {
    let wrong = SmallTape.fills.replacing("6,15,11,10200,3", with: "6,15,11,10200,2")
    let check = try TapeCheck.run(SmallTape.tape(fills: wrong), route: .offline, isSilent: true)
    #expect(!check.comparison.isExact)
    #expect(
      check.text.hasSuffix(
        "first difference of the fills: command 6, fill 2: published taker 15, maker 11, price 10200, size 2; "
          + "here taker 15, maker 11, price 10200, size 3"))
    #expect(check.json.text.contains("\"firstDifference\":{\"seq\":6,\"position\":2"))
  }

  @Test(
    .enabled(if: recordedMarket != nil, "the recorded market is not on this machine (LOCKSTEP_SHARED or ../shared)"),
    arguments: [TapeCheck.Route.offline, .tcp])
  func `Half an hour of a real market comes out fill by fill`(route: TapeCheck.Route) throws {
    let folder = try #require(recordedMarket)
    let tape = Tape(
      rows: try Tape.rows(at: folder + "/commands.csv.gz"), fills: try Tape.fills(at: folder + "/fills.csv.gz"))
    let check = try TapeCheck.run(tape, route: route, isSilent: true)
    #expect((check.comparison.exact, check.comparison.published) == (284, 284), "\(check.text)")
    #expect((check.comparison.exactTakerOrders, check.comparison.takerOrders) == (170, 170), "\(check.text)")
    #expect(check.comparison.isExact)
    #expect(check.unexpectedRefusals == 0, "\(check.text)")
  }
}
