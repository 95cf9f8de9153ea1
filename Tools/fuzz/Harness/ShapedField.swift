import Wire

/// A field of a message as the shapes fill it.
public struct ShapedField: Sendable {
  /// What values of a field mean, as far as making them up goes.
  enum Kind: Sendable, Equatable {
    case requestId, price, quantity, money, rate, fraction, symbol, roles
    /// A small number, taken modulo the bound.
    case identifier(UInt8)
    case other
  }

  /// Name in the schema.
  public let name: String
  /// Number in the schema, as rejects name it.
  public let id: Int
  /// Bytes from the start of the block or row.
  public let offset: Int
  /// Bytes of a value.
  public let size: Int
  /// Whether the field holds a number rather than a code, a name or opaque bytes.
  public let isNumber: Bool
  let kind: Kind

  /// The fields of a message's block, without padding.
  public static func fields(of template: Template) -> [ShapedField] { fields(of: template.description.fields) }

  static func fields(of descriptions: [FieldDescription]) -> [ShapedField] {
    descriptions.filter { $0.type.kind != .padding }.map(ShapedField.init)
  }

  private init(_ field: FieldDescription) {
    name = field.name
    id = field.id
    offset = field.offset
    size = field.type.size
    isNumber = field.type.kind == .unsigned || field.type.kind == .signed
    kind =
      switch (field.type.name, field.type.kind) {
      case ("requestId", _): .requestId
      case ("price", _), ("optionalPrice", _): .price
      case ("quantity", _), ("optionalQuantity", _): .quantity
      case ("money", _): .money
      case ("rate", _): .rate
      case ("fraction", _): .fraction
      case ("symbol", _): .symbol
      case ("roles", _): .roles
      case ("accountId", _), ("keyId", _), ("instrumentId", _), ("scheduleId", _): .identifier(8)
      case ("masterId", _), ("assetId", _): .identifier(5)
      case ("durability", .enumeration): .identifier(4)
      case (_, .enumeration): .identifier(UInt8(clamping: field.type.values.count + 1))
      case (_, .flag): .identifier(3)
      default: .other
      }
  }

  /// Choices from here on are edges of the number formats.
  static let edge: UInt8 = 240

  /// Edges: of the integer types and of the venue's bounds (Values/Limits.swift).
  public static let edges: [Int64] = [
    0, -1, .min, .max, .min + 1, .max - 1, 1 << 44, 1 << 44 + 1, 1 << 53, 1 << 53 + 1, 1_000_000_000_000_000_000,
    2_000_000_000_000_000_000, 2_000_000_000_000_000_001, 1_000_000_000, 10_000_000_000, 1 << 32,
  ]

  /// The edge that `choice` stands for, as eight bytes.
  static func bytes(ofEdge choice: UInt8) -> [UInt8] {
    withUnsafeBytes(of: edges[Int(choice - edge)].littleEndian) { Array($0) }
  }

  /// The value that `choice` stands for.
  func value(_ choice: UInt8) -> Int64 {
    if choice >= ShapedField.edge { return ShapedField.edges[Int(choice - ShapedField.edge)] }
    let number = Int64(choice)
    return switch kind {
    case .price: number < 160 ? 9_920 + number : 5_000 + (number - 160) * 125
    case .money: number * 1_000
    case .rate: number * 5_000_000
    case .fraction: (0..<number % 19).reduce(1) { power, _ in power * 10 }
    case .symbol: 0x41 + number % 26
    case .roles: number < 128 ? 1 << (number % 9) : 0x1FF ^ 1 << (number % 9)
    case .identifier(let bound): number % Int64(bound)
    case .requestId, .quantity, .other: number
    }
  }

  /// Writes `value` into the block that begins at `block` of `frame`; longer fields repeat its lowest byte.
  public func store(_ value: Int64, in frame: inout [UInt8], at block: Int) {
    FrameShape.store(UInt64(bitPattern: value), size: min(size, 8), in: &frame, at: block + offset)
    for index in stride(from: 8, to: size, by: 1) { frame[block + offset + index] = UInt8(truncatingIfNeeded: value) }
  }
}
