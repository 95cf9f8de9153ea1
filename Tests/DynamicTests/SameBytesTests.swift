import Foundation
import Testing
import Values
import Wire

/// The same log gives the same bytes: in one process here, and between builds by `Tools/scripts/same-bytes`.
@Suite("Same log, same bytes") struct SameBytesTests {
  private static let commands = 10_000

  @Test("A log applied twice gives the same reports and the same state, and a digest that builds are compared by")
  func twice() throws {
    var random = Random(seed: 901)
    let first = DynamicVenue(Cast.definition, log: [])
    Cast.setUp(first, &random)
    var flows = allFlows()
    for index in flows.indices { flows[index].setUp(first, &random) }
    let wheel = flows.indices.flatMap { Array(repeating: $0, count: flows[$0].weight) }
    while first.commands < Self.commands { flows[random.pick(wheel)].step(first, &random) }

    let second = DynamicVenue(Cast.definition, log: first.log)
    #expect(second.digest == first.digest, "the reports differ")
    #expect(second.stateBytes() == first.stateBytes(), "the states differ")
    #expect(first.reported[.orderFilled, default: 0] > 20 && first.reported[.liquidationStep, default: 0] > 0)

    guard let directory = ProcessInfo.processInfo.environment["LOCKSTEP_DIGESTS"] else { return }
    var state = Digest()
    state.add(first.stateBytes())
    try "\(first.commands) commands, reports \(first.digest), state \(state)\n"
      .write(toFile: directory + "/everything", atomically: true, encoding: .utf8)
  }
}
