import Testing
import Values

@testable import Solvency

@Suite struct TamperTests {
  @Test func everyFlippedBitOfAProofIsRejected() throws {
    let liabilities = TestLiabilities(accounts: 1, assets: [TestLiabilities.settlement])
    let prover = try liabilities.prover()
    let bytes = try #require(prover.proof(of: liabilities.accounts[0].id)).bytes
    #expect(fault(bytes) == nil)
    var accepted: [String] = []
    for offset in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[offset] ^= 1 << UInt8(bit)
        if fault(flipped) == nil { accepted.append("byte \(offset), bit \(bit)") }
      }
    }
    #expect(accepted.isEmpty)
  }

  @Test func everyFlippedBitOfAPathWithPaddingIsRejected() throws {
    // Five accounts: 20 leaves in a tree of 32, so that paths pass padding and real nodes.
    let liabilities = TestLiabilities(accounts: 5, assets: [TestLiabilities.settlement])
    let prover = try liabilities.prover()
    let padded = try #require(
      prover.accounts.compactMap { prover.proof(of: $0) }.first { proof in
        proof.parts.contains { part in part.siblings.contains { $0.count == 0 } }
      })
    let bytes = padded.bytes
    let start = bytes.count - padded.parts.count * (bytes.count - 24 - padded.signed.bytes.count) / 4
    var random = TestRandom(state: 5)
    for _ in 0..<4000 {
      var flipped = bytes
      flipped[Int.random(in: start..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(fault(flipped) != nil)
    }
  }

  @Test func everyFlippedBitOfAReportIsRejected() throws {
    let bytes = try TestLiabilities(accounts: 2).prover().signed.bytes
    for offset in bytes.indices {
      var flipped = bytes
      flipped[offset] ^= 1 << UInt8(offset % 8)
      #expect(throws: SolvencyFault.self) {
        try SignedReport(verifying: flipped, publicKey: TestKey.venue.publicKey)
      }
    }
  }

  @Test func whatIsCutOffOrAppendedIsRejected() throws {
    let prover = try TestLiabilities(accounts: 2).prover()
    let bytes = try #require(prover.proof(of: prover.accounts[0])).bytes
    for count in stride(from: 0, to: bytes.count, by: 37) { #expect(fault(Array(bytes[..<count])) != nil) }
    #expect(fault(bytes + [0]) != nil)
    #expect(throws: SolvencyFault.self) {
      try SignedReport(verifying: prover.signed.bytes + [0], publicKey: TestKey.venue.publicKey)
    }
  }

  @Test func anotherKeyIsSaidToBeAnotherKey() throws {
    let prover = try TestLiabilities(accounts: 2).prover()
    let bytes = try #require(prover.proof(of: prover.accounts[0])).bytes
    #expect(fault(bytes, key: .other) == .otherKey)
    // The other venue's key written into the report does not make the signature its own.
    let start = 24 + prover.signed.bytes.count - 96
    let forged = bytes[..<start] + TestKey.other.publicKey.fileBytes + bytes[(start + 32)...]
    #expect(fault(Array(forged), key: .other) == .badSignature)
  }

  @Test func randomBytesAreRejected() {
    var random = TestRandom(state: 9)
    for size in [0, 1, 24, 200, 5000] {
      #expect(fault((0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }) != nil)
    }
  }
}
