/// `SchemaTypes.swift`: the types, for tools that show frames.
func typesFile(_ schema: SchemaModel) -> String {
  var lines = ["extension TypeDescription {"]
  for type in schema.types {
    lines += indented(documented(sentence(type.description.isEmpty ? type.name : type.description), []))
    let head = "  public static let \(type.name) = TypeDescription("
    let common = "name: \(literal(type.name)), size: \(type.size), isOptional: \(type.isOptional), kind: "
    let values: [NamedValue] =
      switch type.form {
      case .enumeration(let values): values
      case .set(let choices): choices
      default: []
      }
    if values.isEmpty {
      let single = head + common + "\(kind(type)))"
      let second = "    " + common + "\(kind(type)))"
      lines +=
        single.count <= 120
        ? [single]
        : second.count <= 120 ? [head, second] : [head, "    " + common.dropLast(7), "    kind: \(kind(type)))"]
    } else {
      lines += [head, "    " + common + "\(kind(type)),", "    values: ["]
      lines += elements(values.map(valueLines))
      lines += ["    ])"]
    }
  }
  return file(lines + ["}"])
}

private func valueLines(_ value: NamedValue) -> [String] {
  let head = "      ValueDescription(name: \(literal(value.name)), code: \(value.code)"
  let tail = "description: \(literal(value.description)))"
  if head.count + tail.count + 3 <= 120 { return [head + ", " + tail] }
  return ["      ValueDescription(", "        name: \(literal(value.name)), code: \(value.code),"]
    + lastArgument("description", value.description, indent: "        ", closing: ")")
}

private func kind(_ type: TypeModel) -> String {
  switch type.form {
  case .unsigned: ".unsigned"
  case .signed: ".signed"
  case .flag: ".flag"
  case .text: ".text"
  case .bytes: ".bytes"
  case .padding: ".padding"
  case .record(let members): ".record([" + members.map(literal).joined(separator: ", ") + "])"
  case .enumeration: ".enumeration"
  case .set: ".set"
  }
}

/// A file of message descriptions.
func descriptionsFile(_ messages: [MessageModel]) -> String {
  var lines = ["extension MessageDescription {"]
  for (index, message) in messages.enumerated() {
    if index > 0 { lines.append("") }
    lines += [
      "  static let \(message.caseName) = MessageDescription(",
      "    type: \(message.name).self, name: \(literal(message.name)),",
    ]
    lines += lastArgument("description", message.description, indent: "    ", closing: ",")
    lines += ["    fields: ["] + elements(message.fields.map { fieldLines($0, indent: "      ") })
    if let group = message.group {
      lines += ["    ],", "    rows: RowsDescription(", "      name: \(literal(group.name)), id: \(group.id),"]
      lines += ["      description: \(literal(group.description)),", "      fields: ["]
      lines += elements(group.fields.map { fieldLines($0, indent: "        ") })
      lines += ["      ]))"]
    } else {
      lines += ["    ])"]
    }
  }
  return file(lines + ["}"])
}

private func fieldLines(_ field: FieldModel, indent: String) -> [String] {
  let head = "\(indent)FieldDescription("
  let common = "name: \(literal(field.name)), id: \(field.id), offset: \(field.offset), type: .\(field.type.name)"
  let tail = "description: \(literal(field.description)))"
  if head.count + common.count + tail.count + 3 <= 120 { return [head + common + ", " + tail] }
  return [head, indent + "  " + common + ","]
    + lastArgument("description", field.description, indent: indent + "  ", closing: ")")
}

/// `Schema.swift`: the list of all messages.
func schemaFile(_ schema: SchemaModel) -> String {
  file(
    [
      "/// The schema as data, for tools that show or check frames; nothing on the command path reads it.",
      "public enum Schema {",
      "  /// All messages, in the order of the schema.",
      "  public static let messages: [MessageDescription] = [",
    ] + indented(schema.messages.map { ".\($0.caseName)," }, by: 2) + [
      "  ]",
      "",
      "  /// All types of fields, in the order of the schema.",
      "  public static let types: [TypeDescription] = [",
    ] + indented(schema.types.map { ".\($0.name)," }, by: 2) + ["  ]", "}"])
}
