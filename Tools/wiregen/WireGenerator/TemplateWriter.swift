/// `Template.swift`: the messages by number, with the lengths a scanner needs.
func templateFile(_ schema: SchemaModel) -> String {
  var lines = [
    "extension Schema {",
    "  /// Id of the schema, in the header of every frame.",
    "  @inlinable public static var id: UInt16 { \(schema.id) }",
    "  /// Version of the schema that this code was generated from.",
    "  @inlinable public static var version: UInt16 { \(schema.version) }",
    "}",
    "",
    "/// The messages of the schema by template id.",
    "@frozen public enum Template: UInt16, BitwiseCopyable, CaseIterable, Sendable {",
  ]
  for message in schema.messages {
    let summary = message.description.isEmpty ? message.name : message.description
    lines += indented(documented(sentence(summary), ["case \(message.caseName) = \(message.id)"]))
  }
  lines += ["", "  /// Bytes of the root block in this version of the schema."]
  lines += switchOver(schema.messages, name: "blockLength", type: "Int") { String($0.blockLength) }
  lines += ["", "  /// Bytes of a row in this version of the schema; 0: the message has no rows."]
  let withRows = schema.messages.filter { $0.group != nil }
  lines += ["  @inlinable public var rowLength: Int {", "    switch self {"]
  lines += withRows.map { "    case .\($0.caseName): \($0.group?.blockLength ?? 0)" }
  lines += ["    default: 0", "    }", "  }", "}"]
  return file(lines)
}

private func switchOver(
  _ messages: [MessageModel], name: String, type: String, value: (MessageModel) -> String
) -> [String] {
  var lines = ["  @inlinable public var \(name): \(type) {", "    switch self {"]
  lines += messages.map { "    case .\($0.caseName): \(value($0))" }
  return lines + ["    }", "  }"]
}
