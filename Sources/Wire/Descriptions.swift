/// A message of the schema, as data.
public struct MessageDescription: Sendable {
  public let template: Template
  /// The message as a type.
  public let type: any Message.Type
  public let name: String
  public let description: String
  public let fields: [FieldDescription]
  public let rows: RowsDescription?
  /// Bytes of the root block in this version of the schema.
  public var blockLength: Int { template.blockLength }

  init(
    type: any Message.Type, name: String, description: String, fields: [FieldDescription],
    rows: RowsDescription? = nil
  ) {
    template = type.template
    self.type = type
    self.name = name
    self.description = description
    self.fields = fields
    self.rows = rows
  }
}

extension Template {
  /// The message as data. O(1).
  public var description: MessageDescription { Schema.messages[Self.positions[Int(rawValue)]] }

  /// Index in ``Schema/messages`` by template id.
  private static let positions: [Int] = {
    var positions = Array(repeating: 0, count: Int(allCases.map(\.rawValue).max() ?? 0) + 1)
    for (index, message) in Schema.messages.enumerated() { positions[Int(message.template.rawValue)] = index }
    return positions
  }()
}

/// The repeating group of a message, as data.
public struct RowsDescription: Sendable {
  public let name: String
  public let id: Int
  public let description: String
  public let fields: [FieldDescription]
}

/// A field of a root block or of a row, as data.
public struct FieldDescription: Sendable {
  public let name: String
  public let id: Int
  /// Bytes from the start of the block or row.
  public let offset: Int
  public let type: TypeDescription
  public let description: String
}

/// A type of the schema, as data.
public struct TypeDescription: Sendable {
  /// What the bytes of a value are.
  public enum Kind: Sendable, Equatable {
    case unsigned
    case signed
    /// 0: no, 1: yes.
    case flag
    /// Zero-padded ASCII.
    case text
    /// Opaque bytes.
    case bytes
    /// Zero bytes without meaning.
    case padding
    /// Named 64-bit signed integers, one after the other.
    case record([String])
    case enumeration
    /// Bits; the code of a value is its bit number.
    case set
  }

  public let name: String
  /// Bytes of a value.
  public let size: Int
  /// Whether the smallest integer stands for "none".
  public let isOptional: Bool
  public let kind: Kind
  /// The values of an enumeration or the choices of a set.
  public let values: [ValueDescription]

  init(name: String, size: Int, isOptional: Bool, kind: Kind, values: [ValueDescription] = []) {
    self.name = name
    self.size = size
    self.isOptional = isOptional
    self.kind = kind
    self.values = values
  }
}

/// A value of an enumeration or a choice of a set, as data.
public struct ValueDescription: Sendable {
  public let name: String
  /// Code of the value, or bit number of the choice.
  public let code: Int
  public let description: String
}
