import Testing
import Values

@testable import Kernel

@Suite("Due times") struct TimerTests {
  @Test("They come out by time, then target, whatever the order they were set in")
  func order() {
    var random = Random(seed: 3)
    var timers = Timers(targets: 50)
    var expected: [UInt32: Int64] = [:]
    for _ in 0..<2_000 {
      let target = random.pick(UInt32(0)...50)
      let due = random.chance(100) ? Int64.max : random.number(1...40)
      timers.set(.mark, target, at: Timestamp(due))
      expected[target] = due == .max ? nil : due
      #expect(timers.nextDue == Timestamp(expected.values.min() ?? .max))
    }
    let sorted = expected.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    for (target, due) in sorted {
      #expect(timers.takeDue(at: Timestamp(due - 1)) == nil)
      #expect(timers.takeDue(at: Timestamp(due)) == Timer(due: Timestamp(due), kind: .mark, target: target))
    }
    #expect(timers.nextDue == .never)
  }
}
