import Foundation
import Testing
import WireGenerator

@testable import Wire

/// Protocol/README.md says what lockstep.xml says.
struct DocumentationTests {
  let text: String
  let schema: Data
  let vectors: String

  init() throws {
    text = try String(contentsOf: packageRoot.appendingPathComponent(documentationPath), encoding: .utf8)
    schema = try Data(contentsOf: packageRoot.appendingPathComponent(schemaPath))
    vectors = try String(contentsOf: packageRoot.appendingPathComponent(vectorsPath), encoding: .utf8)
  }

  @Test func tablesAreWhatTheSchemaSays() throws {
    let regenerated = try regenerate(documentation: text, schema: schema, vectors: vectors)
    let difference = zip(text.components(separatedBy: "\n"), regenerated.components(separatedBy: "\n"))
      .first { $0 != $1 }
    #expect(text == regenerated, "run `swift run wiregen`; first difference: \(String(describing: difference))")
  }

  @Test func everyMessageHasASection() {
    for message in Schema.messages {
      #expect(text.contains("\n#### \(message.name) (\(message.template.rawValue))\n"), "\(message.name)")
    }
  }

  @Test func everyEnumerationHasATable() {
    for type in Schema.types where type.kind == .enumeration {
      #expect(text.contains("<!-- wiregen: values \(type.name) -->"), "\(type.name)")
    }
  }

  /// The last column of these tables is written by hand.
  @Test(arguments: ["rejectReason", "cancelReason", "terminateReason"])
  func everyReasonSaysWhatToDo(name: String) throws {
    let type = try #require(Schema.types.first { $0.name == name })
    let section = try #require(text.components(separatedBy: "<!-- wiregen: values \(name) -->").last)
    for value in type.values {
      let row = try #require(section.components(separatedBy: "\n").first { $0.hasPrefix("| \(value.code) | `") })
      let cells = row.components(separatedBy: " | ")
      #expect(cells.count == 4 && cells[3].count > 4, "\(name).\(value.name): what should a client do?")
    }
  }

  @Test func theExampleOfTheFrontPageIsTheOneThatIsBuilt() throws {
    let page = try String(contentsOf: packageRoot.appendingPathComponent("README.md"), encoding: .utf8)
    let example = try String(
      contentsOf: packageRoot.appendingPathComponent("Tools/example/main.swift"), encoding: .utf8)
    #expect(page.contains("```swift\n" + example + "```\n"))
  }

  /// Links to files of the repository lead somewhere.
  @Test(arguments: [
    "README.md", "Protocol/README.md", "Protocol/rules.md", "Protocol/files.md", "Protocol/solvency.md",
    "Sources/Margin/README.md", ".github/SECURITY.md",
  ])
  func linksLeadToFiles(path: String) throws {
    let file = packageRoot.appendingPathComponent(path)
    let text = try String(contentsOf: file, encoding: .utf8)
    let parts = text.components(separatedBy: "](").dropFirst()
    for part in parts {
      let target = part.prefix { $0 != ")" && $0 != "#" && $0 != "\n" }
      if target.isEmpty || target.hasPrefix("http") { continue }
      let linked = file.deletingLastPathComponent().appendingPathComponent(String(target))
      #expect(FileManager.default.fileExists(atPath: linked.path), "\(path) links to \(target)")
    }
  }

  @Test func sectionsNobodyCanWriteAreRefused() {
    for line in ["<!-- wiregen: nothing -->", "<!-- wiregen: values nothing -->", "<!-- wiregen: frame nothing -->"] {
      #expect(throws: SchemaError.self) {
        try regenerate(documentation: line + "\n<!-- wiregen end -->", schema: schema, vectors: vectors)
      }
    }
    #expect(throws: SchemaError.self) {
      try regenerate(documentation: "<!-- wiregen: roles -->", schema: schema, vectors: vectors)
    }
  }
}
