import Testing
import Values

@testable import Solvency

@Suite struct RoundTripTests {
  @Test(arguments: [1, 2, 3, 5, 100, 10_000])
  func everyAccountFindsItself(accounts: Int) throws {
    let liabilities = TestLiabilities(accounts: accounts)
    let prover = try liabilities.prover()
    #expect(prover.signed.report.leaves == UInt64(4 * accounts))
    let stride = max(1, accounts / 40)
    for account in liabilities.accounts.enumerated().filter({ $0.offset % stride == 0 }).map(\.element) {
      let proof = try #require(prover.proof(of: account.id))
      let verified = try VerifiedProof(verifying: proof.bytes, publicKey: TestKey.venue.publicKey)
      #expect(verified.account == account.id && verified.figures == account.figures && verified.parts == 4)
      #expect(verified.signed == prover.signed)
    }
  }

  @Test(arguments: [1, 2, 3, 5, 100])
  func totalsAreTheSumsOfTheAccountsWithDebtsKeptApart(accounts: Int) throws {
    let liabilities = TestLiabilities(accounts: accounts, random: 3)
    let report = try liabilities.prover(parts: 5).signed.report
    for column in 0..<report.columns.count {
      let figures = liabilities.accounts.map { $0.figures[column] }
      #expect(report.totals[column].positive == figures.reduce(0) { $0 + ($1 > 0 ? $1.magnitude : 0) })
      #expect(report.totals[column].negative == figures.reduce(0) { $0 + ($1 < 0 ? $1.magnitude : 0) })
    }
  }

  /// The tree of the product against the one of the tests, which shares no code with it.
  @Test(arguments: [1, 2, 3, 5, 16, 33])
  func theRootIsThatOfAPlainTree(accounts: Int) throws {
    let liabilities = TestLiabilities(accounts: accounts)
    let prover = try liabilities.prover()
    var leaves: [UInt64: PlainTree.Node] = [:]
    for account in prover.accounts {
      let proof = try #require(prover.proof(of: account))
      for (number, part) in proof.parts.enumerated() {
        leaves[part.index] = PlainTree.leaf(
          account: account.rawValue, part: number, parts: 4, salt: part.salt.fileBytes, figures: part.figures)
      }
    }
    let tree = PlainTree(
      columns: liabilities.report.columns.count, leaves: leaves.sorted { $0.key < $1.key }.map(\.value))
    #expect(leaves.count == 4 * accounts)
    #expect(prover.signed.report.root == bytes32(tree.root(liabilities.report.context)))
    #expect(prover.signed.report.height == tree.height)
  }

  @Test func aVenueWithoutAccountsHasAReport() throws {
    let liabilities = TestLiabilities(accounts: 0)
    let prover = try liabilities.prover()
    let read = try SignedReport(verifying: prover.signed.bytes, publicKey: TestKey.venue.publicKey)
    #expect(read == prover.signed && read.report.leaves == 0)
    #expect(prover.proof(of: AccountId(1)) == nil)
  }

  @Test func theSameSeedGivesTheSameBytesInWhateverOrderTheAccountsCome() throws {
    var liabilities = TestLiabilities(accounts: 20)
    let first = try liabilities.prover()
    liabilities.accounts.reverse()
    let second = try liabilities.prover()
    let account = liabilities.accounts[3].id
    #expect(first.signed.bytes == second.signed.bytes)
    #expect(first.proof(of: account)?.bytes == second.proof(of: account)?.bytes)
  }

  @Test func anAccountThatWasLeftOutIsNoticedByItsOwner() throws {
    var liabilities = TestLiabilities(accounts: 5)
    let missing = liabilities.accounts.remove(at: 2)
    liabilities.balance()
    let prover = try liabilities.prover()
    #expect(prover.proof(of: missing.id) == nil)
    // Another customer's proof with the account's id written over it.
    var forged = try #require(prover.proof(of: liabilities.accounts[0].id))
    forged.account = missing.id
    #expect(fault(forged) == .wrongRoot(part: 0))
  }

  @Test func aReportThatDoesNotAddUpIsNeitherSignedNorBelieved() throws {
    var liabilities = TestLiabilities(accounts: 5)
    liabilities.report.assets[1].deposited += Money(Int64(1))
    #expect(throws: SolvencyFault.notConserved(asset: AssetId(1))) { try liabilities.prover() }
    let signed = SignedReport(unchecked: liabilities.report, signer: TestKey.venue.signer)
    #expect(throws: SolvencyFault.self) {
      try SignedReport(verifying: signed.bytes, publicKey: TestKey.venue.publicKey)
    }
  }

  @Test func whatCannotBePutIntoATreeIsRefused() throws {
    let liabilities = TestLiabilities(accounts: 3)
    #expect(throws: SolvencyFault.self) { try liabilities.prover(parts: 3) }
    var twice = liabilities
    twice.accounts[1].id = twice.accounts[0].id
    #expect(throws: SolvencyFault.badInput("two accounts have the same id")) { try twice.prover() }
    var wrong = liabilities
    wrong.accounts[1].figures[wrong.report.columns.equity] += 1
    #expect(throws: SolvencyFault.self) { try wrong.prover() }
    wrong = liabilities
    wrong.accounts[1].figures[wrong.report.columns.maintenanceMargin] = -1
    #expect(throws: SolvencyFault.self) { try wrong.prover() }
  }
}
