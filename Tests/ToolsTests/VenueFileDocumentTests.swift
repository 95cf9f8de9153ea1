import Client
import Testing
import Values

@testable import ToolSupport

@Suite("Tools/venue-file.md") struct VenueFileDocumentTests {
  private let head = "[venue]\nname = \"test\"\n"

  /// The keys that a section knows: what the error about an unknown one lists.
  private func knownKeys(_ text: String) throws -> [String] {
    let error = #expect(throws: VenueFileError.self) {
      try Genesis(text: text, file: "venue.toml") { _ throws(ClientError) in Bytes32() }
    }
    let issue = try #require(error?.issues.first { $0.path.hasSuffix("zzzzzzzz") })
    let list = try #require(issue.text.split(separator: "Known here: ").last?.dropLast())
    return list.split(separator: ", ").map(String.init)
  }

  @Test(arguments: [
    "[venue]\nname = \"test\"\nzzzzzzzz = 1\n", "[limits]\nzzzzzzzz = 1\n", "[[schedules]]\nzzzzzzzz = 1\n",
    "[[assets]]\nzzzzzzzz = 1\n", "[[instruments]]\nzzzzzzzz = 1\n",
    "[[instruments]]\n[instruments.margin]\nzzzzzzzz = 1\n",
    "[[assets]]\n[assets.oracle]\nzzzzzzzz = 1\n", "[[instruments]]\n[instruments.mark_price]\nzzzzzzzz = 1\n",
    "[[instruments]]\n[instruments.impact]\nzzzzzzzz = 1\n", "[[instruments]]\n[instruments.funding]\nzzzzzzzz = 1\n",
    "[[accounts]]\nzzzzzzzz = 1\n", "[[keys]]\nzzzzzzzz = 1\n",
    "[[risk_groups]]\nzzzzzzzz = 1\n", "[[group_credits]]\nzzzzzzzz = 1\n",
  ])
  func everyKeyIsDocumented(text: String) throws {
    let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let document = try readText("/\(tests)/Tools/venue-file.md")
    let keys = try knownKeys(text.hasPrefix("[venue]") ? text : head + text)
    #expect(!keys.isEmpty)
    for key in keys {
      #expect(
        document.contains("`\(key)`") || document.contains("`[instruments.\(key)]`")
          || document.contains("`[assets.\(key)]`"), "\(key)")
    }
  }
}
