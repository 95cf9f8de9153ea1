import Testing
import Values

@testable import Solvency

@Suite struct SecrecyTests {
  @Test func twoSeedsGiveLeavesThatCannotBeLinked() throws {
    let liabilities = TestLiabilities(accounts: 50)
    let other = SolvencySeed((0..<32).map { UInt8(200 - $0) })
    let (first, second) = (try liabilities.prover(), try liabilities.prover(seed: other))
    func leaves(_ prover: SolvencyProver) throws -> (hashes: [Bytes32], figures: [[Int128]], places: [UInt64]) {
      var (hashes, figures, places): ([Bytes32], [[Int128]], [UInt64]) = ([], [], [])
      for account in prover.accounts {
        for part in try #require(prover.proof(of: account)).parts {
          hashes.append(part.siblings[0].hash)
          figures.append(part.figures)
          places.append(part.index)
        }
      }
      return (hashes, figures, places)
    }
    let (one, two) = (try leaves(first), try leaves(second))
    #expect(Set(one.hashes).isDisjoint(with: two.hashes))
    #expect(Set(one.figures).isDisjoint(with: two.figures))
    let same = zip(one.places, two.places).count { $0 == $1 }
    #expect(same < 10, "\(same) of 200 leaves stand at the same place under both seeds; 1 is to be expected")
    #expect(first.signed.report.totals == second.signed.report.totals)
    #expect(first.signed.report.root != second.signed.report.root)
  }

  @Test(arguments: [4, 5, 9, 64])
  func partsAddUpAndHaveOneSign(parts: Int) {
    let figures: [Int128] = [0, 1, -1, 3, -3, 1_000_000_007, -5_000_000_000, .max, -.max]
    for (account, figure) in figures.enumerated() {
      let split = TestLiabilities.seed.parts(of: figure, account: AccountId(UInt32(account)), column: 2, parts: parts)
      #expect(split.count == parts && split.reduce(0, +) == figure)
      #expect(split.allSatisfy { figure < 0 ? $0 <= 0 : $0 >= 0 })
    }
  }

  /// The first part of 1,000,000 is less than a fraction x of it with probability 1 − (1 − x)^3.
  @Test func partsAreThoseOfRandomCuts() {
    let firsts = (0..<4000).map { account in
      TestLiabilities.seed.parts(of: 1_000_000, account: AccountId(UInt32(account)), column: 0, parts: 4)[0]
    }
    for (fraction, expected) in [(100_000, 0.271), (250_000, 0.578), (500_000, 0.875)] as [(Int128, Double)] {
      let share = Double(firsts.count { $0 < fraction }) / 4000
      #expect(abs(share - expected) < 0.03, "\(share) of the first parts are below \(fraction)")
    }
  }

  @Test func partsOfNeighbouringAccountsStandApart() throws {
    let prover = try TestLiabilities(accounts: 1000).prover()
    var adjacent = 0
    for account in prover.accounts {
      let places = try #require(prover.proof(of: account)).parts.map(\.index).sorted()
      adjacent += zip(places, places.dropFirst()).count { $1 - $0 == 1 }
    }
    // Three pairs per account, each adjacent with probability about 4 / 4000.
    #expect(adjacent < 20)
  }

  @Test func aSeedSaysNothingAboutItself() {
    #expect("\(TestLiabilities.seed)" == "(secret)")
    #expect(SolvencySeed.random() != SolvencySeed.random())
  }
}
