/// The schema as read from XML, with all names resolved and all offsets known.
public struct SchemaModel {
  public var id = 0
  public var version = 0
  public var types: [TypeModel] = []
  public var messages: [MessageModel] = []
}

/// A named type of the schema.
public struct TypeModel {
  /// What the bytes of a value are.
  public enum Form {
    case unsigned
    case signed
    case flag
    case text
    case bytes
    case padding
    case record(members: [String])
    case enumeration(values: [NamedValue])
    case set(choices: [NamedValue])
  }

  public var name: String
  public var form: Form
  /// Bytes of a value.
  public var size: Int
  /// Bytes of the integer, or of each member.
  public var elementSize: Int
  public var isOptional: Bool
  public var description: String
}

/// A value of an enumeration, or a choice of a set with its bit number.
public struct NamedValue {
  public var name: String
  public var code: Int
  public var description: String
}

/// A field of a root block or of a row.
public struct FieldModel {
  public var name: String
  public var id: Int
  public var type: TypeModel
  public var offset: Int
  public var description: String

  var isPadding: Bool { if case .padding = type.form { true } else { false } }
}

/// The repeating group of a message.
public struct GroupModel {
  public var name: String
  public var id: Int
  public var description: String
  public var fields: [FieldModel] = []
  public var blockLength: Int { fields.last.map { $0.offset + $0.type.size } ?? 0 }
}

/// A message of the schema.
public struct MessageModel {
  public var name: String
  public var id: Int
  public var description: String
  public var fields: [FieldModel] = []
  public var group: GroupModel?
  public var blockLength: Int { fields.last.map { $0.offset + $0.type.size } ?? 0 }
  var caseName: String { name.prefix(1).lowercased() + name.dropFirst() }
}

/// What is wrong with a schema file.
public struct SchemaError: Error, CustomStringConvertible {
  public var description: String
}
