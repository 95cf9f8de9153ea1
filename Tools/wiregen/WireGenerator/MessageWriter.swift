/// Bytes in front of the root block: length, encoding and the SBE header.
let overhead = 12

/// The source file of one message.
func messageFile(_ message: MessageModel, schema: SchemaModel) throws(SchemaError) -> String {
  let texts = try fieldTexts(message.fields)
  let summary = message.description.isEmpty ? message.name : message.description
  var lines = documented(
    summary + ".", ["@frozen public struct \(message.name): \(conformance(message)) {"], width: 116)
  lines += indented(texts.flatMap(\.declaration))
  lines += [""] + indented(initializer(texts))
  lines += [""]
  lines += indented([
    "@inlinable public static var template: Template { .\(message.caseName) }",
    "@inlinable public static var blockLength: Int { \(message.blockLength) }",
    "@inlinable public static var frameLength: Int { \(frameLength(message)) }",
  ])
  lines += [""] + indented(decoder(texts))
  lines += [""] + indented(try encoder(message, schema: schema))
  lines += [""] + indented(fieldIds(message))
  if let group = message.group { lines += [""] + indented(try row(group)) }
  lines += ["}"]
  return file(lines, imports: ["Values"])
}

private func conformance(_ message: MessageModel) -> String { message.group == nil ? "Message" : "MessageWithRows" }

private func frameLength(_ message: MessageModel) -> Int {
  overhead + message.blockLength + (message.group == nil ? 0 : 4)
}

private func fieldTexts(_ fields: [FieldModel]) throws(SchemaError) -> [FieldText] {
  var texts: [FieldText] = []
  for field in fields where !field.isPadding { texts.append(try FieldText(field)) }
  return texts
}

private func initializer(_ texts: [FieldText]) -> [String] {
  list("@inlinable @inline(__always) public init(", texts.map(\.parameter), ") {") + indented(texts.map(\.assignment))
    + ["}"]
}

private func decoder(_ texts: [FieldText]) -> [String] {
  ["@inlinable @inline(__always) public init(decoding block: UnsafeRawPointer) {"] + indented(texts.map(\.load)) + ["}"]
}

private func stores(_ fields: [FieldModel], in target: String, base: Int) throws(SchemaError) -> [String] {
  var lines: [String] = []
  for field in fields {
    if field.isPadding {
      lines += paddingStores(field, in: target, base: base)
    } else {
      lines.append(try FieldText(field).store(in: target, base: base))
    }
  }
  return lines
}

/// The header is constant: one 64-bit and one 32-bit store.
private func encoder(_ message: MessageModel, schema: SchemaModel) throws(SchemaError) -> [String] {
  var lines = ["@inlinable @inline(__always) public func encode(to frame: UnsafeMutableRawPointer) {"]
  var body = ["FrameHeader.store(Self.self, in: frame)"]
  body += try stores(message.fields, in: "frame", base: overhead)
  if let group = message.group {
    body.append("UInt16(\(group.blockLength)).store(in: frame, at: \(overhead + message.blockLength))")
    body.append("UInt16(0).store(in: frame, at: \(overhead + message.blockLength + 2))")
  }
  lines += indented(body)
  return lines + ["}"]
}

private func fieldIds(_ message: MessageModel) -> [String] {
  var ids = message.fields.filter { !$0.isPadding }.map { ($0.name, $0.id) }
  if let group = message.group {
    ids.append((group.name, group.id))
    ids += group.fields.filter { !$0.isPadding }.map { ($0.name, $0.id) }
  }
  return documented("Field ids, as rejects name them in their detail.", ["public enum Field {"])
    + indented(ids.map { "@inlinable public static var \($0.0): Int64 { \($0.1) }" }) + ["}"]
}

private func row(_ group: GroupModel) throws(SchemaError) -> [String] {
  let texts = try fieldTexts(group.fields)
  var lines = documented(sentence(group.description), ["@frozen public struct Row: MessageRow {"])
  lines += indented(texts.flatMap(\.declaration))
  lines += [""] + indented(initializer(texts))
  lines += ["", "  @inlinable public static var blockLength: Int { \(group.blockLength) }"]
  lines += [""] + indented(decoder(texts))
  lines += ["", "  @inlinable @inline(__always) public func encode(to block: UnsafeMutableRawPointer) {"]
  lines += indented(try stores(group.fields, in: "block", base: 0), by: 2)
  return lines + ["  }", "}"]
}
