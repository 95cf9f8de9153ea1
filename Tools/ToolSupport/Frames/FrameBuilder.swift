import Values
import Wire

/// A frame written as text that cannot be made: says what is wrong and what is possible.
public struct FrameTextError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// Makes frames from the text that ``FrameText/describe(_:)`` prints, such as
/// `CreateAccount account=5 master=2 flags=[mayBorrow]`. Fields that are not named are zero (or none).
public enum FrameBuilder {
  /// A field and what is written for it.
  public typealias Assignment = (name: String, value: Substring)
  /// Puts a value as it is written into the form that a frame is made from: a name in place of an id, for example.
  public typealias Reading = (FieldDescription, Substring) throws(FrameTextError) -> Substring

  /// The whole frame.
  public static func frame(_ text: String) throws(FrameTextError) -> [UInt8] {
    let (message, assignments) = try parse(text)
    return try frame(of: message, assignments)
  }

  /// The message that `text` names, and what it says of its fields.
  public static func parse(
    _ text: String
  ) throws(FrameTextError) -> (message: MessageDescription, assignments: [Assignment]) {
    let (name, rest) = firstWord(Substring(text))
    guard let message = Schema.messages.first(where: { $0.name == name }) else {
      let hint = suggestion(for: String(name), among: Schema.messages.map(\.name)).map { " Did you mean \($0)?" } ?? ""
      throw FrameTextError("There is no message “\(name)”.\(hint)")
    }
    return (message, try assignments(in: rest))
  }

  /// The whole frame, every value (also those in rows) as `reading` gives it.
  public static func frame(
    of message: MessageDescription, _ assignments: [Assignment],
    reading: Reading = { (_, text) throws(FrameTextError) in text }
  ) throws(FrameTextError) -> [UInt8] {
    var assignments = assignments
    var rows: [[UInt8]] = []
    if let group = message.rows, let index = assignments.firstIndex(where: { $0.name == group.name }) {
      rows = try self.rows(assignments.remove(at: index).value, of: group, reading)
    }
    let block = try block(message.fields, assignments, length: message.blockLength, of: message.name, reading)
    return assemble(message, block: block, rows: rows)
  }

  /// The field of that name; throws with what there is when the message or row has none.
  public static func field(
    _ name: String, in fields: [FieldDescription], of owner: String
  ) throws(FrameTextError) -> FieldDescription {
    if let field = fields.first(where: { $0.name == name && $0.type.kind != .padding }) { return field }
    let known = fields.filter { $0.type.kind != .padding }.map(\.name)
    let hint = suggestion(for: name, among: known).map { " Did you mean \($0)?" } ?? ""
    throw FrameTextError("\(owner) has no field “\(name)”.\(hint) It has: \(known.joined(separator: ", ")).")
  }

  private static func assemble(_ message: MessageDescription, block: [UInt8], rows: [[UInt8]]) -> [UInt8] {
    var body = block
    if message.rows != nil {
      append(UInt16(message.template.rowLength), to: &body)
      append(UInt16(rows.count), to: &body)
      for row in rows { body += row }
    }
    var frame: [UInt8] = []
    append(UInt16(FrameHeader.length + body.count), to: &frame)
    append(FrameHeader.encoding, to: &frame)
    append(UInt16(message.blockLength), to: &frame)
    append(message.template.rawValue, to: &frame)
    append(Schema.id, to: &frame)
    append(Schema.version, to: &frame)
    return frame + body
  }

  private static func append(_ number: UInt16, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: number))
    bytes.append(UInt8(truncatingIfNeeded: number >> 8))
  }

  // MARK: Text

  private static func firstWord(_ text: Substring) -> (Substring, Substring) {
    let start = text.drop { $0 == " " }
    let word = start.prefix { $0 != " " }
    return (word, start.dropFirst(word.count))
  }

  /// Splits `name=value name=[a b] …` at the spaces outside of brackets.
  private static func assignments(in text: Substring) throws(FrameTextError) -> [Assignment] {
    var result: [Assignment] = []
    for part in try parts(of: text) {
      guard let equals = part.firstIndex(of: "="), equals != part.startIndex else {
        throw FrameTextError("“\(part)” is not of the form name=value.")
      }
      result.append((String(part[..<equals]), part[part.index(after: equals)...]))
    }
    return result
  }

  private static func parts(of text: Substring) throws(FrameTextError) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "[", "{": depth += 1
      case "]", "}": depth -= 1
      case " " where depth == 0:
        if start < index { parts.append(text[start..<index]) }
        start = text.index(after: index)
      default: break
      }
      if depth < 0 { throw FrameTextError("A bracket is closed that was never opened in “\(text)”.") }
    }
    if depth != 0 { throw FrameTextError("A bracket is not closed in “\(text)”.") }
    if start < text.endIndex { parts.append(text[start...]) }
    return parts
  }

  private static func inner(_ text: Substring, _ open: Character, _ close: Character) -> Substring? {
    text.first == open && text.last == close && text.count >= 2 ? text.dropFirst().dropLast() : nil
  }

  private static func rows(
    _ text: Substring, of group: RowsDescription, _ reading: Reading
  ) throws(FrameTextError) -> [[UInt8]] {
    guard let list = inner(text, "[", "]") else {
      throw FrameTextError("Write \(group.name)=[{\(group.fields[0].name)=… …} {…}].")
    }
    let length = group.fields.map { $0.offset + $0.type.size }.max() ?? 0
    var rows: [[UInt8]] = []
    for part in try parts(of: list) {
      guard let fields = inner(part, "{", "}") else {
        throw FrameTextError("“\(part)” should be a row in braces.")
      }
      rows.append(try block(group.fields, try assignments(in: fields), length: length, of: group.name, reading))
    }
    return rows
  }

  // MARK: Fields

  private static func block(
    _ fields: [FieldDescription], _ assignments: [Assignment], length: Int, of name: String, _ reading: Reading
  ) throws(FrameTextError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: length)
    for field in fields where field.type.isOptional { store(UInt64(bitPattern: .min), of: field, in: &block) }
    for (fieldName, value) in assignments {
      let field = try field(fieldName, in: fields, of: name)
      try store(try reading(field, value), of: field, in: &block)
    }
    return block
  }

  private static func store(_ number: UInt64, of field: FieldDescription, in block: inout [UInt8]) {
    for index in 0..<min(8, field.type.size) {
      block[field.offset + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
    }
  }

  private static func store(
    _ text: Substring, of field: FieldDescription, in block: inout [UInt8]
  ) throws(FrameTextError) {
    switch field.type.kind {
    case .text:
      guard let symbol = Symbol(text) else {
        throw FrameTextError("\(field.name): “\(text)” should be at most 16 printable ASCII characters.")
      }
      withUnsafeBytes(of: (symbol.low.littleEndian, symbol.high.littleEndian)) { bytes in
        for (index, byte) in bytes.enumerated() { block[field.offset + index] = byte }
      }
    case .bytes:
      let digits = text.compactMap(\.hexDigitValue)
      guard digits.count == text.count, digits.count == 2 * field.type.size else {
        throw FrameTextError("\(field.name): should be \(2 * field.type.size) hexadecimal digits.")
      }
      for index in 0..<field.type.size {
        block[field.offset + index] = UInt8(digits[2 * index] << 4 | digits[2 * index + 1])
      }
    case .record, .padding:
      throw FrameTextError("\(field.name) cannot be set.")
    default:
      store(try number(text, of: field), of: field, in: &block)
    }
  }

  private static func number(_ text: Substring, of field: FieldDescription) throws(FrameTextError) -> UInt64 {
    let type = field.type
    switch type.kind {
    case .flag where text == "yes" || text == "true": return 1
    case .flag where text == "no" || text == "false": return 0
    case .set:
      let names = inner(text, "[", "]") ?? text
      var bits: UInt64 = 0
      for name in names.split(whereSeparator: { $0 == " " || $0 == "," }) {
        if let value = type.values.first(where: { $0.name == name }) {
          bits |= 1 << UInt64(value.code)
        } else {
          throw unknown(name, of: field)
        }
      }
      return bits
    case .enumeration:
      guard let value = type.values.first(where: { $0.name == text }) else { throw unknown(text, of: field) }
      return UInt64(value.code)
    default: break
    }
    if type.isOptional && text == "none" { return UInt64(bitPattern: .min) }
    let plain = text.filter { $0 != "," && $0 != "_" }
    if type.kind == .signed, let number = Int64(plain) { return UInt64(bitPattern: number) }
    if type.kind != .signed, let number = UInt64(plain), type.size == 8 || number < 1 << UInt64(8 * type.size) {
      return number
    }
    throw FrameTextError("\(field.name): “\(text)” is not a number that fits.")
  }

  private static func unknown(_ name: Substring, of field: FieldDescription) -> FrameTextError {
    let names = field.type.values.map(\.name)
    let hint = suggestion(for: String(name), among: names).map { " Did you mean \($0)?" } ?? ""
    return FrameTextError("\(field.name): “\(name)” is not known.\(hint) Possible: \(names.joined(separator: ", ")).")
  }
}
