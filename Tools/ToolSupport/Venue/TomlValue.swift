import TOMLKit

/// A value of a TOML file, taken out of the parser's memory.
enum TomlValue: Equatable {
  case string(String)
  case integer(Int)
  case float
  case boolean(Bool)
  case array([TomlValue])
  case table([String: TomlValue])
  /// Dates and times: nothing in a venue file is one.
  case other

  init(_ table: TOMLTable) {
    self = .table(
      Dictionary(uniqueKeysWithValues: table.keys.compactMap { key in table[key].map { (key, TomlValue($0)) } }))
  }

  private init(_ value: TOMLValueConvertible) {
    switch value.type {
    case .string: self = value.string.map { .string($0) } ?? .other
    case .int: self = value.int.map { .integer($0) } ?? .other
    case .double: self = .float
    case .bool: self = value.bool.map { .boolean($0) } ?? .other
    case .array: self = value.array.map { array in .array(array.map { TomlValue($0) }) } ?? .other
    case .table: self = value.table.map { TomlValue($0) } ?? .other
    default: self = .other
    }
  }

  /// What it is, in a message for people.
  var kind: String {
    switch self {
    case .string: "a text"
    case .integer: "a whole number"
    case .float: "a floating-point number"
    case .boolean: "true or false"
    case .array: "a list"
    case .table: "a table"
    case .other: "a date or time"
    }
  }
}
