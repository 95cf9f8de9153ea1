/// The first golden frame of a message, field by field.
func frameLines(_ name: String, schema: SchemaModel, vectors: String) throws(SchemaError) -> [String] {
  guard let message = schema.messages.first(where: { $0.name == name }), message.group == nil else {
    throw SchemaError(description: "there is no message \(name) without rows")
  }
  let start = "{\"name\":\"\(name)\","
  guard let line = vectors.split(separator: "\n").first(where: { $0.hasPrefix(start) }),
    let hexadecimal = line.split(separator: "\"").dropLast().last
  else { throw SchemaError(description: "there is no golden frame of \(name)") }
  let bytes = bytes(of: hexadecimal)
  guard bytes.count == overhead + message.blockLength else {
    throw SchemaError(description: "the golden frame of \(name) has another length than the schema says")
  }
  var lines = [
    ("length \(number(bytes[0..<2]))", 0, 2), ("encoding 0xEB50", 2, 2),
    ("blockLength \(number(bytes[4..<6]))", 4, 2), ("template \(number(bytes[6..<8])), \(name)", 6, 2),
    ("schema \(number(bytes[8..<10])), version \(number(bytes[10..<12]))", 8, 4),
  ].map { dumpLine(bytes[$0.1..<$0.1 + $0.2], $0.0) }
  for field in message.fields {
    let place = overhead + field.offset
    let part = bytes[place..<place + field.type.size]
    lines.append(dumpLine(part, field.isPadding ? "" : "\(field.name) \(value(part, field.type))"))
  }
  return ["```"] + lines + ["```"]
}

private func dumpLine(_ bytes: ArraySlice<UInt8>, _ text: String) -> String {
  let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  let space = String(repeating: " ", count: max(1, 18 - digits.count))
  return text.isEmpty ? digits : digits + space + text
}

private func bytes(of hexadecimal: Substring) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func value(_ bytes: ArraySlice<UInt8>, _ type: TypeModel) -> String {
  switch type.form {
  case .signed:
    return "\(Int64(bitPattern: number(bytes)))"
  case .text:
    return "\"" + String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) + "\""
  case .enumeration(let values):
    let code = Int(number(bytes))
    return values.first { $0.code == code }?.name ?? "\(code)"
  case .set(let choices):
    let bits = number(bytes)
    return "[" + choices.filter { bits >> UInt64($0.code) & 1 == 1 }.map(\.name).joined(separator: ", ") + "]"
  case .bytes, .record, .padding:
    return "(\(bytes.count) bytes)"
  case .unsigned, .flag:
    return "\(number(bytes))"
  }
}
