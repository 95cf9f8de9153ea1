import Testing
import Values

@testable import Solvency

/// A venue that signs what it likes still cannot prove to a customer what is not so.
@Suite struct ForgeryTests {
  private let report = TestLiabilities(accounts: 0, assets: [TestLiabilities.settlement]).report
  private var columns: Columns { report.columns }

  /// Four parts of an account that has `cash` in each: no positions, equity the same, margin 1.
  private func leaves(_ account: UInt32, _ cash: Int128) -> [LyingVenue.Leaf] {
    (0..<4).map { LyingVenue.Leaf(account: account, part: $0, figures: [cash, 0, cash, 1]) }
  }

  @Test func theHelperMakesProofsThatAreBelievedWhenNothingIsForged() {
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, -5) + leaves(3, 0))
    #expect(fault(venue.proof(of: 1, at: [0, 1, 2, 3])) == nil)
    #expect(fault(venue.proof(of: 2, at: [4, 5, 6, 7])) == nil)
    #expect(fault(venue.proof(of: 3, at: [8, 9, 10, 11])) == nil)
  }

  @Test func aCarryDoesNotHideALiability() {
    // A leaf that claims 2^128 − 400 in place of nothing makes the total of 400 vanish.
    var hole = leaves(9, 0)
    hole[0].claimed = [UInt128.max - 399, 0, 0, 0, UInt128.max - 399, 0, 1, 0]
    let venue = LyingVenue(report, leaves: leaves(1, 100) + hole)
    #expect(venue.report.totals[0].positive == 0)
    let verdict = fault(venue.proof(of: 1, at: [0, 1, 2, 3]))
    guard case .overflow = verdict else {
      Issue.record("\(String(describing: verdict))")
      return
    }
  }

  @Test func paddingWithSumsIsRejected() {
    // Three accounts: 12 leaves, four places of padding, which claim debts or anything else.
    let honest = PlainTree(columns: columns.count, leaves: [])
    var filler = honest.padding(0)
    filler.sums[1] = 50
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 100) + leaves(3, 100), padding: filler)
    #expect(fault(venue.proof(of: 3, at: [8, 9, 10, 11])) == .badPadding(part: 0, height: 2))
    var other = honest.padding(0)
    other.hash[0] ^= 1
    let hashed = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 100) + leaves(3, 100), padding: other)
    #expect(fault(hashed.proof(of: 3, at: [8, 9, 10, 11])) == .badPadding(part: 0, height: 2))
  }

  @Test func paddingThatCountsAsALeafIsRejected() {
    let honest = PlainTree(columns: columns.count, leaves: [])
    var filler = honest.padding(0)
    filler.count = 1
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 100) + leaves(3, 100), padding: filler)
    #expect(fault(venue.proof(of: 3, at: [8, 9, 10, 11])) == .wrongCount(part: 0, height: 2))
  }

  @Test func aDebtThatIsBookedAsAnAssetAndAnAssetBookedAsADebtAreRejected() {
    for (cash, claimed) in [(-100, [100, 0]), (100, [0, 100])] as [(Int128, [UInt128])] {
      var mine = leaves(1, cash)
      mine[2].claimed = claimed + [0, 0] + claimed + [1, 0]
      let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
      // Seen by the part itself and by its neighbour in the same account, whose sums then do not lead to the root.
      #expect(fault(venue.proof(of: 1, at: [0, 1, 2, 3])) == .wrongRoot(part: 2))
    }
  }

  @Test func aLeafThatCountsLessThanItSaysIsRejected() {
    var mine = leaves(1, 100)
    for part in 0..<4 { mine[part].claimed = [1, 0, 0, 0, 1, 0, 1, 0] }
    let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
    #expect(fault(venue.proof(of: 1, at: [0, 1, 2, 3])) == .wrongRoot(part: 0))
  }

  @Test func swappedChildrenAreRejected() {
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 7))
    var proof = venue.proof(of: 1, at: [0, 1, 2, 3])
    proof.parts[0].index ^= 1
    proof.parts[1].index ^= 1
    #expect(fault(proof) == .wrongRoot(part: 0))
    proof = venue.proof(of: 1, at: [0, 1, 2, 3])
    proof.parts[0].siblings.swapAt(0, 1)
    #expect(fault(proof) == .wrongCount(part: 0, height: 0))
  }

  @Test func aTreeOfTheWrongHeightOrCountIsRejected() throws {
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 7))
    func verdict(_ change: (inout SolvencyReport) -> Void) -> SolvencyFault? {
      var proof = venue.proof(of: 1, at: [0, 1, 2, 3])
      var changed = venue.report
      change(&changed)
      proof.signed = SignedReport(unchecked: changed, signer: TestKey.venue.signer)
      return fault(proof)
    }
    #expect(verdict { _ in } == nil)
    #expect(verdict { $0.leaves = 7 } != nil)
    #expect(verdict { $0.leaves = 9 } != nil)
    #expect(verdict { $0.height = 2 } != nil)
    #expect(verdict { $0.height = 4 } != nil)
    #expect(verdict { $0.context.stateHash.word0 ^= 1 } == .wrongRoot(part: 0))
    #expect(verdict { $0.context.sequence += 1 } == .wrongRoot(part: 0))
  }

  /// An inner node shown as if it were a leaf, or a leaf deeper than it is: heights are part of every hash.
  @Test func aPathThatIsTooShortOrTooLongIsRejected() {
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 7))
    var short = venue.proof(of: 1, at: [0, 1, 2, 3])
    short.parts[0].siblings.removeFirst()
    #expect(fault(short) != nil)
    var long = venue.proof(of: 1, at: [0, 1, 2, 3])
    long.parts[0].siblings.append(long.parts[0].siblings[0])
    #expect(fault(long) != nil)
  }

  @Test func onePartShownTwiceIsRejected() {
    let mine = leaves(1, 100)
    let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
    // The same leaf in place of another part, and the same leaf for all four.
    #expect(fault(venue.proof(of: 1, at: [0, 0, 2, 3])) == .badFigures("two parts are the same leaf"))
    #expect(fault(venue.proof(of: 1, at: [1, 0, 2, 3])) == .wrongRoot(part: 0))
  }

  @Test func fewerPartsThanTheLeavesSayAreRejected() {
    var mine = leaves(1, 100)
    for part in mine.indices { mine[part].parts = 5 }
    let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
    #expect(fault(venue.proof(of: 1, at: [0, 1, 2, 3])) == .wrongRoot(part: 0))
  }

  @Test func partsOfDifferentSignsAreRejected() {
    var mine = leaves(1, 100)
    mine[1].figures = [-300, 0, -300, 1]
    let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
    #expect(fault(venue.proof(of: 1, at: [0, 1, 2, 3])) == .badFigures("the parts of balance 0 have different signs"))
  }

  @Test func equityThatIsNotWhatTheBalancesAreWorthIsRejected() {
    var mine = leaves(1, 100)
    mine[3].figures = [100, 0, 99, 1]
    let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
    #expect(
      fault(venue.proof(of: 1, at: [0, 1, 2, 3]))
        == .badFigures("equity is not what the balances and positions are worth at the report's prices"))
  }

  @Test func aNegativeMarginIsRejectedInALeafAndInANode() {
    var mine = leaves(1, 100)
    mine[0].figures = [100, 0, 100, -1]
    let venue = LyingVenue(report, leaves: mine + leaves(2, 7))
    #expect(fault(venue.proof(of: 1, at: [0, 1, 2, 3])) != nil)
    #expect(fault(venue.proof(of: 2, at: [4, 5, 6, 7])) != nil)
  }

  @Test func totalsThatHideAnAccountAreRejectedByEverybody() {
    // The root is honest, the totals say 28 less.
    let venue = LyingVenue(report, leaves: leaves(1, 100) + leaves(2, 7))
    var changed = venue.report
    changed.totals[0].positive -= 28
    changed.assets[0].deposited -= Money(Int64(28))
    for (account, places) in [(1, [0, 1, 2, 3]), (2, [4, 5, 6, 7])] as [(UInt32, [Int])] {
      var proof = venue.proof(of: account, at: places)
      proof.signed = SignedReport(unchecked: changed, signer: TestKey.venue.signer)
      #expect(fault(proof) == .wrongRoot(part: 0))
    }
  }

  @Test func aSumThatOverflowsCannotEvenBeProduced() {
    let columns = Columns(assets: 1)
    let sums: [UInt128] = [UInt128.max, 0, 0, 0, 0, 0, 0, 0]
    #expect(throws: SolvencyFault.self) {
      try SumTree(columns: columns, hashes: [Bytes32(), Bytes32()], sums: sums + sums)
    }
  }
}
