/// How a type of the schema appears in Swift.
struct SwiftType {
  /// How the bytes become a value.
  enum Form {
    /// An integer of the standard library.
    case integer
    /// A wrapper with `rawValue`.
    case wrapper(raw: String)
    /// `Money`, 128 bits in memory.
    case money
    /// A type that loads and stores itself (`Sources/Wire/BlockFields.swift`).
    case whole
    /// A code of an enumeration; `hasZero`: whether 0 is one of its codes.
    case code(raw: String, hasZero: Bool)
    case flag
  }

  var name: String
  var form: Form

  init(_ type: TypeModel) throws(SchemaError) {
    let raw = "UInt\(type.elementSize * 8)"
    let capitalised = type.name.prefix(1).uppercased() + type.name.dropFirst()
    switch type.form {
    case .enumeration(let values):
      self.init(name: capitalised, form: .code(raw: raw, hasZero: values.contains { $0.code == 0 }))
    case .set:
      self.init(name: capitalised, form: .wrapper(raw: raw))
    case .flag:
      self.init(name: "Bool", form: .flag)
    default:
      guard let known = Self.known[type.name] else {
        throw SchemaError(description: "type \(type.name) has no Swift type; add it to SwiftType.known")
      }
      self = known
    }
  }

  private init(name: String, form: Form) {
    self.name = name
    self.form = form
  }

  private static let known: [String: SwiftType] = [
    "requestId": SwiftType(name: "UInt64", form: .integer),
    "reportNumber": SwiftType(name: "UInt64", form: .integer),
    "sequenceNumber": SwiftType(name: "UInt64", form: .integer),
    "count64": SwiftType(name: "UInt64", form: .integer),
    "count32": SwiftType(name: "UInt32", form: .integer),
    "count16": SwiftType(name: "UInt16", form: .integer),
    "count8": SwiftType(name: "UInt8", form: .integer),
    "milliseconds": SwiftType(name: "UInt32", form: .integer),
    "templateId": SwiftType(name: "UInt16", form: .integer),
    "fraction": SwiftType(name: "Int64", form: .integer),
    "billionths": SwiftType(name: "Int64", form: .integer),
    "detail": SwiftType(name: "Int64", form: .integer),
    "timestamp": SwiftType(name: "Timestamp", form: .wrapper(raw: "Int64")),
    "accountId": SwiftType(name: "AccountId", form: .wrapper(raw: "UInt32")),
    "masterId": SwiftType(name: "MasterId", form: .wrapper(raw: "UInt32")),
    "keyId": SwiftType(name: "KeyId", form: .wrapper(raw: "UInt32")),
    "instrumentId": SwiftType(name: "InstrumentId", form: .wrapper(raw: "UInt32")),
    "assetId": SwiftType(name: "AssetId", form: .wrapper(raw: "UInt16")),
    "scheduleId": SwiftType(name: "ScheduleId", form: .wrapper(raw: "UInt16")),
    "price": SwiftType(name: "Price", form: .wrapper(raw: "Int64")),
    "quantity": SwiftType(name: "Quantity", form: .wrapper(raw: "Int64")),
    "rate": SwiftType(name: "Rate", form: .wrapper(raw: "Int64")),
    "money": SwiftType(name: "Money", form: .money),
    "optionalPrice": SwiftType(name: "Price?", form: .whole),
    "optionalQuantity": SwiftType(name: "Quantity?", form: .whole),
    "symbol": SwiftType(name: "Symbol", form: .whole),
    "bytes32": SwiftType(name: "Bytes32", form: .whole),
    "bytes64": SwiftType(name: "Bytes64", form: .whole),
    "accountMargin": SwiftType(name: "AccountMargin", form: .whole),
  ]
}

/// The lines that a field contributes to the type of its message.
struct FieldText {
  var field: FieldModel
  var type: SwiftType

  init(_ field: FieldModel) throws(SchemaError) {
    self.field = field
    type = try SwiftType(field.type)
  }

  private var documentation: String {
    let text = field.description.isEmpty ? field.type.description : field.description
    if !text.isEmpty { return sentence(text) }
    if case .set = field.type.form { return "Bits of ``\(type.name)``, known or not." }
    return ""
  }

  /// A stored code and the property that makes sense of it.
  private func codeDeclaration(raw: String, meaning: String, getter: String) -> [String] {
    let text = documentation.isEmpty ? "" : documentation + " "
    return documented(text + "A code as it arrived.", ["public var \(stored): \(raw)"])
      + documented(
        "``\(stored)`` as a \(meaning)", braced("@inlinable public var \(field.name): \(type.name)?", getter))
  }

  /// Name of the stored property.
  private var stored: String {
    switch type.form {
    case .code, .flag: field.name + "Code"
    default: field.name
    }
  }

  var declaration: [String] {
    switch type.form {
    case .code(let raw, _):
      codeDeclaration(
        raw: raw, meaning: "``\(type.name)``; `nil`: it is none.", getter: "\(type.name)(rawValue: \(stored))")
    case .flag:
      codeDeclaration(
        raw: "UInt8", meaning: "truth value; `nil`: neither 0 nor 1.", getter: "\(stored) > 1 ? nil : \(stored) == 1")
    default:
      documented(documentation, ["public var \(stored): \(type.name)"])
    }
  }

  var parameter: String {
    if case .code(_, hasZero: false) = type.form { return "\(field.name): \(type.name)?" }
    return "\(field.name): \(type.name)"
  }

  var assignment: String {
    switch type.form {
    case .code(_, hasZero: true): "\(stored) = \(field.name).rawValue"
    case .code(_, hasZero: false): "\(stored) = \(field.name)?.rawValue ?? 0"
    case .flag: "\(stored) = \(field.name) ? 1 : 0"
    default: "self.\(stored) = \(field.name)"
    }
  }

  var load: String {
    let source = "(block: block, at: \(field.offset))"
    return switch type.form {
    case .integer, .whole: "\(stored) = \(type.name)\(source)"
    case .wrapper(let raw): "\(stored) = \(type.name)(rawValue: \(raw)\(source))"
    case .money: "\(stored) = Money(Int64\(source))"
    case .code(let raw, _): "\(stored) = \(raw)\(source)"
    case .flag: "\(stored) = UInt8\(source)"
    }
  }

  func store(in target: String, base: Int) -> String {
    let destination = ".store(in: \(target), at: \(base + field.offset))"
    return switch type.form {
    case .integer, .whole, .code, .flag: stored + destination
    case .wrapper: stored + ".rawValue" + destination
    case .money: stored + ".wireValue" + destination
    }
  }
}

/// Zero stores that cover a padding field.
func paddingStores(_ field: FieldModel, in target: String, base: Int) -> [String] {
  var lines: [String] = []
  var offset = field.offset
  let end = field.offset + field.type.size
  while offset < end {
    let width = [4, 2, 1].first { offset % $0 == 0 && offset + $0 <= end } ?? 1
    lines.append("UInt\(width * 8)(0).store(in: \(target), at: \(base + offset))")
    offset += width
  }
  return lines
}
