import Testing
import Values

@testable import Margin

/// The ladders against the plainest thing that does the same: a list that is searched.
@Suite struct TriggerLadderTests {
  private struct PlainTrigger: Equatable {
    var number: UInt32
    var ladder: UInt32
    var threshold: Int64
  }

  /// A coordinate of any size: all octaves are tried.
  private func coordinate(_ random: inout SeededGenerator) -> Int64 {
    let bits = Int64.random(in: 0...53, using: &random)
    return Int64.random(in: 0...(1 << bits), using: &random)
  }

  @Test("Random triggers on random ladders: a move pops exactly what it has crossed", arguments: 1...12)
  func popsWhatIsCrossed(seed: Int) {
    var random = SeededGenerator(seed)
    var ladders = TriggerLadders(triggers: 60, ladders: 5)
    var plain: [PlainTrigger] = []
    for _ in 0..<2_000 {
      let number = UInt32.random(in: 1...60, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        let ladder = UInt32.random(in: 2...5, using: &random)
        let near = plain.randomElement(using: &random)?.threshold ?? 0
        let threshold =
          Bool.random(using: &random)
          ? coordinate(&random) : max(0, near + Int64.random(in: -3...3, using: &random))
        ladders.set(number, on: ladder, to: threshold)
        plain.removeAll { $0.number == number }
        plain.append(PlainTrigger(number: number, ladder: ladder, threshold: threshold))
      case 2:
        ladders.remove(number)
        plain.removeAll { $0.number == number }
      default:
        let ladder = UInt32.random(in: 2...5, using: &random)
        let near = plain.randomElement(using: &random)?.threshold ?? 0
        let now =
          Bool.random(using: &random)
          ? coordinate(&random) : max(0, near + Int64.random(in: -3...3, using: &random))
        let crossed = plain.filter {
          $0.ladder == ladder && (ladder & 1 == 0 ? now < $0.threshold : now > $0.threshold)
        }
        let isCrossed = ladders.isCrossed(ladder, at: now)
        #expect(isCrossed == !crossed.isEmpty)
        var popped: [UInt32] = []
        while case let trigger = ladders.popCrossed(ladder, at: now), trigger != 0 { popped.append(trigger) }
        #expect(popped.sorted() == crossed.map(\.number).sorted())
        plain.removeAll { crossed.contains($0) }
        let isStillCrossed = ladders.isCrossed(ladder, at: now)
        #expect(!isStillCrossed)
      }
    }
    for ladder in UInt32(2)...5 {
      let count = ladders.count(on: ladder)
      #expect(count == plain.count { $0.ladder == ladder })
    }
  }

  @Test("A ladder that is written down and set again pops in the same order", arguments: 1...6)
  func sameOrderAgain(seed: Int) {
    var random = SeededGenerator(seed)
    var first = TriggerLadders(triggers: 300, ladders: 3)
    for number in UInt32(1)...300 {
      first.set(number, on: number & 1 + 2, to: Int64.random(in: 60_000...60_040, using: &random))
    }
    // A history: some have gone, some have been looked at and moved to the back.
    for number in UInt32(1)...50 { first.remove(number) }
    for _ in 0..<5 {
      _ = first.popCrossed(2, at: 60_020)
      _ = first.popCrossed(3, at: 60_020)
    }
    var second = TriggerLadders(triggers: 300, ladders: 3)
    for ladder in UInt32(2)...3 { first.forEach(on: ladder) { second.set($0, on: ladder, to: $1) } }
    for step in Int64(1)...30 {
      for (ladder, now) in [(2, 60_020 - step), (3, 60_020 + step)] as [(UInt32, Int64)] {
        var popped: UInt32
        repeat {
          popped = first.popCrossed(ladder, at: now)
          let other = second.popCrossed(ladder, at: now)
          #expect(popped == other)
        } while popped != 0
      }
    }
    let left = first.count(on: 2) + first.count(on: 3)
    #expect(left == 0)
  }

  @Test("A thousand triggers at one price, half of them crossed, are popped once each and in order of entry")
  func crowd() {
    var ladders = TriggerLadders(triggers: 1_000, ladders: 3)
    for number in UInt32(1)...1_000 { ladders.set(number, on: 2, to: number % 2 == 0 ? 1_000_000 : 1_000_001) }
    var popped: [UInt32] = []
    while case let trigger = ladders.popCrossed(2, at: 1_000_000), trigger != 0 { popped.append(trigger) }
    #expect(popped == stride(from: 1, to: 1_000, by: 2).map { UInt32($0) })
    let left = ladders.count(on: 2)
    #expect(left == 500)
  }
}
