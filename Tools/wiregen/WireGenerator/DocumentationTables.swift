/// Which role may send what: the names in square brackets in front of a message's description.
func rolesTable(_ schema: SchemaModel) throws(SchemaError) -> [String] {
  guard case .set(let choices)? = schema.types.first(where: { $0.name == "roles" })?.form else {
    throw SchemaError(description: "there is no set of roles")
  }
  let roles = choices.map(\.name).filter { role in
    schema.messages.contains { access($0).contains { $0.roles.contains(role) } }
  }
  var lines = ["| message | " + roles.joined(separator: " | ") + " | note |"]
  lines.append("|---" + String(repeating: "|:-:", count: roles.count) + "|---|")
  for message in schema.messages {
    let parts = access(message)
    if parts.isEmpty { continue }
    let cells = roles.map { role in
      guard let part = parts.first(where: { $0.isForAll || $0.roles.contains(role) }) else { return "" }
      return part.condition.isEmpty ? "●" : "○"
    }
    let notes = parts.map(\.condition).filter { !$0.isEmpty }
    lines.append(
      "| \(message.name) | " + cells.joined(separator: " | ") + " | " + notes.joined(separator: "; ") + " |")
  }
  return lines
}

/// Part of a message's bracket: roles that may send it, under a condition or always.
private struct Access {
  var roles: Set<String>
  var isForAll: Bool
  var condition: String
}

private func access(_ message: MessageModel) -> [Access] {
  guard message.description.hasPrefix("["), let end = message.description.firstIndex(of: "]") else { return [] }
  let bracket = message.description[..<end].dropFirst()
  return bracket.split(separator: ";").map { part in
    let words = part.split { !$0.isLetter }.map(String.init)
    let isPlain = part.split(separator: ",").allSatisfy { $0.split(separator: " ").count == 1 }
    let isForAll = words == ["any", "role"]
    let condition = isPlain || isForAll ? "" : String(part.drop { $0 == " " })
    return Access(roles: Set(words), isForAll: isForAll, condition: condition)
  }
}

/// The plain types.
func typesTable(_ schema: SchemaModel) -> [String] {
  var lines = ["| type | bytes | what it is |", "|---|---|---|"]
  for type in schema.types {
    let meaning: String
    switch type.form {
    case .padding, .enumeration, .set: continue
    case .record(let members):
      meaning = type.description + ". " + members.map { "`\($0)`" }.joined(separator: ", ") + ": int64 each"
    default: meaning = type.description
    }
    lines.append("| \(type.name) | \(primitive(type)) | \(meaning) |")
  }
  return lines
}

/// All sets of bits.
func setsTable(_ schema: SchemaModel) -> [String] {
  var lines = ["| set | bit | name | meaning |", "|---|---|---|---|"]
  for type in schema.types {
    guard case .set(let choices) = type.form else { continue }
    lines += choices.map { "| \(type.name) (\(primitive(type))) | \($0.code) | `\($0.name)` | \($0.description) |" }
  }
  return lines
}

/// Codes of an enumeration; what stands in further columns of the old table is kept, by name.
func valuesTable(_ name: String, schema: SchemaModel, old: [String]) throws(SchemaError) -> [String] {
  guard case .enumeration(let values)? = schema.types.first(where: { $0.name == name })?.form else {
    throw SchemaError(description: "there is no enumeration \(name)")
  }
  let oldRows = old.filter { $0.hasPrefix("|") }.map(cells)
  let further = oldRows.first.map { Array($0.dropFirst(3)) } ?? []
  var kept: [String: [String]] = [:]
  for row in oldRows.dropFirst(2) where row.count == 3 + further.count { kept[row[1]] = Array(row.dropFirst(3)) }
  var lines = [
    tableRow(["code", "name", "meaning"] + further),
    "|" + String(repeating: "---|", count: 3 + further.count),
  ]
  for value in values {
    let name = "`\(value.name)`"
    let rest = kept[name] ?? further.map { _ in "" }
    lines.append(tableRow(["\(value.code)", name, value.description] + rest))
  }
  return lines
}

private func tableRow(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

private func cells(_ row: String) -> [String] {
  var cells: [String] = []
  for part in row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false) {
    cells.append(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
  }
  return cells
}

/// The section of one message: what it is for, how long it is, and where its fields are.
func messageSection(_ message: MessageModel) -> [String] {
  var lines = ["#### \(message.name) (\(message.id))", ""]
  if !message.description.isEmpty { lines += [sentence(message.description), ""] }
  if let group = message.group {
    let length = overhead + message.blockLength + 4
    lines += ["\(length) bytes and \(group.blockLength) for each of the \(group.name). \(sentence(group.description))"]
  } else {
    lines += ["\(overhead + message.blockLength) bytes."]
  }
  lines += ["", "| at | bytes | field | type | meaning |", "|---|---|---|---|---|"]
  lines += message.fields.map { fieldRow($0, base: overhead) }
  if let group = message.group {
    let rows = overhead + message.blockLength
    lines.append("| \(rows) | 2 | | uint16 | Bytes of a row: \(group.blockLength) or more |")
    lines.append("| \(rows + 2) | 2 | | uint16 | Number of rows |")
    lines += group.fields.map { fieldRow($0, base: rows + 4, isInRow: true) }
  }
  return lines + [""]
}

private func fieldRow(_ field: FieldModel, base: Int, isInRow: Bool = false) -> String {
  let place = isInRow ? "\(base + field.offset) + row" : "\(base + field.offset)"
  if field.isPadding { return "| \(place) | \(field.type.size) | | | Zero |" }
  let meaning = field.description.isEmpty ? field.type.description : field.description
  return "| \(place) | \(field.type.size) | \(field.name) (\(field.id)) | \(field.type.name) | \(meaning) |"
}

/// The bytes of a type in words.
func primitive(_ type: TypeModel) -> String {
  let optional = type.isOptional ? ", null: −2^63" : ""
  return switch type.form {
  case .signed: "int\(type.size * 8)\(optional)"
  case .text: "\(type.size) characters"
  case .bytes, .padding: "\(type.size)"
  case .record(let members): "\(members.count) × int64"
  default: "uint\(type.size * 8)"
  }
}
