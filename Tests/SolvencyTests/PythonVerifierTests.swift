import Foundation
import Testing
import Values

@testable import Solvency

/// Protocol/clients/python/verify_proof.py on files that this code has made.
@Suite struct PythonVerifierTests {
  static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Protocol/clients/python/verify_proof.py").standardizedFileURL.path

  /// Exit code and output of the verifier on a file with these bytes.
  private func verify(_ bytes: [UInt8], key: Bytes32 = TestKey.venue.publicKey) throws -> (code: Int32, text: String) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString).proof")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = [Self.script, file.path, "--public-key", hexadecimal(key.fileBytes), "--json"]
    process.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test(.enabled(if: python != nil, "there is no python3 on this machine"))
  func anIndependentVerifierComesToTheSameResult() throws {
    let liabilities = TestLiabilities(accounts: 11)
    let prover = try liabilities.prover()
    let account = liabilities.accounts[4]
    let proof = try #require(prover.proof(of: account.id))
    let good = try verify(proof.bytes)
    #expect(good.code == 0, "\(good.text)")
    let figures = account.figures.map { "\($0)" }.joined(separator: ", ")
    #expect(good.text.contains("\"figures\": [\(figures)]"), "\(good.text)")
    #expect(good.text.contains("\"reportHash\": \"\(hexadecimal(prover.signed.hash.fileBytes))\""))
    let report = try verify(prover.signed.bytes)
    #expect(report.code == 0, "\(report.text)")
  }

  @Test(.enabled(if: python != nil, "there is no python3 on this machine"))
  func theIndependentVerifierRefusesWhatThisOneRefuses() throws {
    let prover = try TestLiabilities(accounts: 11).prover()
    let bytes = try #require(prover.proof(of: prover.accounts[4])).bytes
    #expect(try verify(bytes, key: TestKey.other.publicKey).code == 1)
    var random = TestRandom(state: 11)
    for _ in 0..<12 {
      var flipped = bytes
      flipped[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(try verify(flipped).code == 1)
    }
    let settlement = TestLiabilities(accounts: 0, assets: [TestLiabilities.settlement]).report
    var leaves = (0..<4).map { LyingVenue.Leaf(account: 1, part: $0, figures: [100, 0, 100, 1]) }
    leaves += (0..<4).map { LyingVenue.Leaf(account: 2, part: $0, figures: [7, 0, 7, 1]) }
    #expect(try verify(LyingVenue(settlement, leaves: leaves).proof(of: 1, at: [0, 1, 2, 3]).bytes).code == 0)
    var carrying = leaves
    carrying[5].claimed = [UInt128.max - 399, 0, 0, 0, UInt128.max - 399, 0, 1, 0]
    let carry = try verify(LyingVenue(settlement, leaves: carrying).proof(of: 1, at: [0, 1, 2, 3]).bytes)
    #expect(carry.code == 1 && carry.text.contains("overflows"), "\(carry.text)")
    var indebted = leaves
    indebted[2].claimed = [0, 100, 0, 0, 0, 100, 1, 0]
    #expect(try verify(LyingVenue(settlement, leaves: indebted).proof(of: 1, at: [0, 1, 2, 3]).bytes).code == 1)
  }
}
