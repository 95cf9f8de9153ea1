import Foundation

/// Where the protocol's document is, from the root of the package.
public let documentationPath = "Protocol/README.md"
/// Where the golden frames are, from the root of the package.
public let vectorsPath = "Protocol/vectors/frames.jsonl"

/// Text that a tool has written stands between these lines; the first names what it is.
private let opening = "<!-- wiregen: "
private let closing = "<!-- wiregen end -->"

/// `text` with every generated section made anew from the schema and the golden frames.
///
/// Sections: `roles`; `types`; `sets`; `values NAME` (a table of an enumeration's codes: columns behind the third are
/// written by hand and kept); `messages FIRST LAST` (a section per message of these template ids); `frame NAME` (the
/// first golden frame of a message, field by field).
public func regenerate(documentation text: String, schema xml: Data, vectors: String) throws -> String {
  let schema = try readSchema(xml)
  var result: [String] = []
  var section: (name: String, old: [String])?
  for line in text.components(separatedBy: "\n") {
    if let (name, old) = section {
      guard line == closing else {
        section?.old.append(line)
        continue
      }
      result += try [""] + generated(name, schema: schema, vectors: vectors, old: old) + ["", closing]
      section = nil
    } else {
      result.append(line)
      if line.hasPrefix(opening) { section = (String(line.dropFirst(opening.count).dropLast(4)), []) }
    }
  }
  guard section == nil else { throw SchemaError(description: "section \(section?.name ?? "") has no end") }
  return result.joined(separator: "\n")
}

private func generated(
  _ name: String, schema: SchemaModel, vectors: String, old: [String]
) throws(SchemaError) -> [String] {
  let words = name.split(separator: " ").map(String.init)
  switch (words.first, words.count) {
  case ("roles", 1): return try rolesTable(schema)
  case ("types", 1): return typesTable(schema)
  case ("sets", 1): return setsTable(schema)
  case ("values", 2): return try valuesTable(words[1], schema: schema, old: old)
  case ("frame", 2): return try frameLines(words[1], schema: schema, vectors: vectors)
  case ("messages", 3):
    guard let first = Int(words[1]), let last = Int(words[2]) else { break }
    return schema.messages.filter { (first...last).contains($0.id) }.flatMap(messageSection)
  default: break
  }
  throw SchemaError(description: "the document has a section '\(name)' that nobody can write")
}
