/// A JSON value to be written. Members keep their order.
public enum Json: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, Sendable {
  case string(String)
  /// A number as it shall be written; integers keep all their digits.
  case number(String)
  case boolean(Bool)
  case null
  case array([Json])
  case object([(String, Json)])

  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .number("\(value)") }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }

  public static func integer(_ value: some BinaryInteger) -> Json { .number("\(value)") }

  /// One line of JSON.
  public var text: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .number(let text): text
    case .boolean(let flag): flag ? "true" : "false"
    case .null: "null"
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case let control where control.value < 0x20:
        let digits = String(control.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
