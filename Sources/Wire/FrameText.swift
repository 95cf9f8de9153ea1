/// Frames as text, for people and for other tools. Not for the command path: it allocates.
///
/// Padding, and fields of a later version than this one, are left out. Both functions trap when the frame is not one
/// that ``Frame/scan(_:maximum:)`` accepts.
public enum FrameText {
  /// One line such as `NewOrder requestId=7 account=3 side=buy price=100 flags=[postOnly]`.
  ///
  /// A code without a name is shown as its number, an optional number that is not given as `none`.
  public static func describe(_ frame: Frame) -> String {
    let message = description(of: frame)
    var text = message.name
    for (name, value) in values(message.fields, block: frame.base + FrameHeader.length) {
      text += " \(name)=\(plain(value))"
    }
    if let rows = message.rows {
      let texts = rowBlocks(of: frame).map { block in
        "{" + values(rows.fields, block: block).map { "\($0.name)=\(plain($0.value))" }.joined(separator: " ") + "}"
      }
      text += " \(rows.name)=[\(texts.joined(separator: " "))]"
    }
    return text
  }

  /// One JSON object on one line: `{"name":"NewOrder","fields":{"requestId":7,…}}`.
  ///
  /// Integers are numbers, also those above 2^53 (read them with a parser that keeps 64 bits). Enumerations are the
  /// names of their values, sets are arrays of names, flags are `true` or `false`; a code or bits without a name are
  /// numbers. An optional number that is not given is `null`, opaque bytes are hexadecimal digits, rows are an array.
  public static func json(_ frame: Frame) -> String {
    let message = description(of: frame)
    var members = values(message.fields, block: frame.base + FrameHeader.length).map(member)
    if let rows = message.rows {
      let objects = rowBlocks(of: frame).map { block in
        "{" + values(rows.fields, block: block).map(member).joined(separator: ",") + "}"
      }
      members.append("\(quoted(rows.name)):[\(objects.joined(separator: ","))]")
    }
    return "{\"name\":\(quoted(message.name)),\"fields\":{\(members.joined(separator: ","))}}"
  }

  private static func description(of frame: Frame) -> MessageDescription {
    precondition(
      Frame.scan(frame.bytes, maximum: frame.bytes.count) == .frame(length: frame.bytes.count), "not a valid frame")
    return frame.template.description
  }

  private static func values(
    _ fields: [FieldDescription], block: UnsafeRawPointer
  ) -> [(name: String, value: FieldValue)] {
    fields.compactMap { field in FieldValue(field, block: block).map { (field.name, $0) } }
  }

  /// Where the rows begin.
  private static func rowBlocks(of frame: Frame) -> [UnsafeRawPointer] {
    let offset = FrameHeader.length + frame.blockLength
    let stride = Int(UInt16(block: frame.base, at: offset))
    let count = Int(UInt16(block: frame.base, at: offset + 2))
    return (0..<count).map { frame.base + offset + FrameHeader.rowsLength + $0 * stride }
  }

  private static func plain(_ value: FieldValue) -> String {
    switch value {
    case .unsigned(let number): String(number)
    case .signed(let number): String(number)
    case .none: "none"
    case .flag(let flag): flag ? "yes" : "no"
    case .name(let text), .text(let text), .hex(let text): text
    case .set(let names, let rest): "[" + (names + (rest == 0 ? [] : [String(rest)])).joined(separator: " ") + "]"
    case .record(let members): "{" + members.map { "\($0.name)=\($0.value)" }.joined(separator: " ") + "}"
    }
  }

  private static func member(_ field: (name: String, value: FieldValue)) -> String {
    let text =
      switch field.value {
      case .unsigned(let number): String(number)
      case .signed(let number): String(number)
      case .none: "null"
      case .flag(let flag): flag ? "true" : "false"
      case .name(let text), .text(let text), .hex(let text): quoted(text)
      case .set(let names, let rest):
        "[" + (names.map(quoted) + (rest == 0 ? [] : [String(rest)])).joined(separator: ",") + "]"
      case .record(let members):
        "{" + members.map { "\(quoted($0.name)):\($0.value)" }.joined(separator: ",") + "}"
      }
    return "\(quoted(field.name)):\(text)"
  }

  /// A JSON string; all text of the schema is printable ASCII.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      if character == "\"" || character == "\\" { result += "\\" }
      result.append(character)
    }
    return result + "\""
  }
}
