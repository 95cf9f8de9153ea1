import Foundation
import Testing
import Values

@testable import Solvency

@Suite struct PerformanceTests {
  /// Prints what a tree costs. LOCKSTEP_SOLVENCY_ACCOUNTS=100000 in a release build gives the figures of the document.
  @Test func aTreeIsMadeAndAProofVerified() throws {
    let count = ProcessInfo.processInfo.environment["LOCKSTEP_SOLVENCY_ACCOUNTS"].flatMap { Int($0) } ?? 500
    let liabilities = TestLiabilities(accounts: count)
    let clock = ContinuousClock()
    var prover: SolvencyProver?
    let build = try clock.measure { prover = try liabilities.prover() }
    let made = try #require(prover)
    let sample = made.accounts.enumerated().filter { $0.offset % max(1, count / 100) == 0 }.map(\.element)
    var proofs: [[UInt8]] = []
    let prove = clock.measure { proofs = sample.compactMap { made.proof(of: $0)?.bytes } }
    var faults = 0
    let verify = clock.measure { faults = proofs.count { fault($0) != nil } }
    #expect(faults == 0 && proofs.count == sample.count)
    print(
      "solvency: tree of \(count) accounts in 4 parts in \(build), proof \(prove / sample.count), \(proofs[0].count) "
        + "bytes, verification \(verify / sample.count)")
  }
}
