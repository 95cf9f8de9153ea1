import Simulator
import Testing

@Suite("A venue that is broken on purpose")
struct SimulatorTests {
  #if DEBUG
    private static let seeds: UInt64 = 12
  #else
    private static let seeds: UInt64 = 300
  #endif

  @Test("Nothing acknowledged is lost, nothing is applied twice, nothing is half there", arguments: 1...seeds)
  func survives(seed: UInt64) {
    let outcome = Simulation(seed: seed, commands: 2_000).run()
    #expect(outcome.violation == nil, "lockstep simulate --seed \(seed) --commands 2000")
    #expect(outcome.commands > 0)
  }

  @Test("A seed repeats bit for bit")
  func repeats() {
    let first = Simulation(seed: 7, commands: 1_000).run()
    let again = Simulation(seed: 7, commands: 1_000).run()
    #expect(first == again)
  }
}
