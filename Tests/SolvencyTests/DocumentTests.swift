import Foundation
import Testing
import Values

@testable import Solvency

/// The worked example of Protocol/solvency.md: one account, 7, with 1,000.00000000 of the settlement currency.
@Suite struct DocumentTests {
  private static let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The lines of the document under the heading `title`.
  private func section(_ title: String) throws -> [Substring] {
    let file = Self.packageRoot.appendingPathComponent("Protocol/solvency.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0 == "### " + title }, "there is no heading \(title)")
    return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("#") })
  }

  /// Compares the hexdump under `title`, and the hash beneath it if there is one, with `bytes`.
  private func expect(_ title: String, _ bytes: [UInt8], hash: [UInt8]? = nil) throws {
    let lines = try section(title)
    let written = lines.filter { $0.hasPrefix("0") && $0.contains("  ") }.flatMap { line in
      line.split(separator: "|")[0].split(separator: " ").dropFirst().compactMap { UInt8($0, radix: 16) }
    }
    #expect(written == bytes, "\n### \(title)\n\(dump(bytes))\nHash: `\(hash.map(hexadecimal) ?? "none")`")
    if let hash { #expect(lines.contains("Hash: `\(hexadecimal(hash))`"), "\(title): \(hexadecimal(hash))") }
  }

  private func dump(_ bytes: [UInt8]) -> String {
    stride(from: 0, to: bytes.count, by: 16).map { start in
      let row = bytes[start..<min(start + 16, bytes.count)]
      let text = row.map { $0 >= 0x20 && $0 < 0x7F ? String(UnicodeScalar($0)) : "." }.joined()
      let digits = row.map { hexadecimal([$0]) }.joined(separator: " ")
      return hexadecimal((0..<4).reversed().map { UInt8(truncatingIfNeeded: start >> (8 * $0)) })
        + "  \(digits)  |\(text)|"
    }.joined(separator: "\n")
  }

  @Test func theExampleOfTheDocumentIsMadeByteForByte() throws {
    let cash: Int128 = 100_000_000_000
    var liabilities = TestLiabilities(accounts: 1, assets: [TestLiabilities.settlement])
    liabilities.accounts = [SolvencyAccount(id: AccountId(7), figures: [cash, 0, cash, 0])]
    liabilities.report.house = [HouseBucket(.fees, asset: .settlement, amount: Money(Int64(5)))]
    liabilities.balance()
    let prover = try liabilities.prover()
    let proof = try #require(prover.proof(of: AccountId(7)))
    let leaves = proof.parts.enumerated().sorted { $0.element.index < $1.element.index }.map { number, part in
      PlainTree.leaf(
        account: 7, part: number, parts: 4, salt: part.salt.fileBytes, figures: part.figures)
    }
    let tree = PlainTree(columns: 4, leaves: leaves)
    let first = try #require(proof.parts.firstIndex { $0.index == 0 })
    let leaf = PlainTree.leafInput(
      account: 7, part: first, parts: 4, salt: proof.parts[first].salt.fileBytes, figures: proof.parts[first].figures)
    try expect("Leaf", leaf, hash: tree.rows[0][0].hash)
    try expect(
      "Padding of height 0", PlainTree.little(UInt32(0)) + PlainTree.little(UInt32(4)), hash: tree.padding(0).hash)
    try expect(
      "Node of height 1", tree.nodeInput(leaves[0], leaves[1], height: 1), hash: tree.rows[1][0].hash)
    try expect(
      "Root", tree.rootInput(liabilities.report.context), hash: prover.signed.report.root.fileBytes)
    try expect("Report file", prover.signed.bytes, hash: prover.signed.hash.fileBytes)
    try expect("Beginning of the proof file", Array(proof.bytes[..<24]))
    #expect(fault(proof) == nil)
  }
}
