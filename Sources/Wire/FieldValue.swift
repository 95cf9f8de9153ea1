/// A field's value as tools show it.
public enum FieldValue: Sendable {
  case unsigned(UInt64)
  case signed(Int64)
  /// An optional number that is not given.
  case none
  case flag(Bool)
  /// A value of an enumeration.
  case name(String)
  /// Choices of a set, and the bits that have no name.
  case set([String], rest: UInt64)
  case text(String)
  /// Opaque bytes in wire order, as lower-case hexadecimal digits.
  case hex(String)
  case record([(name: String, value: Int64)])

  /// The fields of a frame's root block with their values, padding left out. The frame must be one that
  /// ``Frame/scan(_:maximum:)`` accepts.
  public static func all(in frame: Frame) -> [(field: FieldDescription, value: FieldValue)] {
    frame.template.description.fields.compactMap { field in
      FieldValue(field, block: frame.base + FrameHeader.length).map { (field, $0) }
    }
  }

  /// Reads `field` of the block or row that begins at `block` and is whole; `nil` for padding.
  init?(_ field: FieldDescription, block: UnsafeRawPointer) {
    let type = field.type
    let bytes = UnsafeRawBufferPointer(start: block + field.offset, count: type.size)
    switch type.kind {
    case .padding:
      return nil
    case .unsigned:
      self = .unsigned(Self.integer(bytes))
    case .signed:
      let value = Int64(bitPattern: Self.integer(bytes))
      self = type.isOptional && value == .min ? .none : .signed(value)
    case .flag:
      let code = Self.integer(bytes)
      self = code > 1 ? .unsigned(code) : .flag(code == 1)
    case .text:
      let text = bytes.prefix { $0 != 0 }.map { $0 >= 0x20 && $0 < 0x7F ? Character(Unicode.Scalar($0)) : "?" }
      self = .text(String(text))
    case .bytes:
      self = .hex(Self.hexadecimal(bytes))
    case .record(let names):
      self = .record(
        names.enumerated().map { index, name in
          (name, Int64(bitPattern: Self.integer(UnsafeRawBufferPointer(rebasing: bytes[index * 8..<index * 8 + 8]))))
        })
    case .enumeration:
      let code = Self.integer(bytes)
      let known = type.values.first { UInt64($0.code) == code }
      self = known.map { .name($0.name) } ?? .unsigned(code)
    case .set:
      let bits = Self.integer(bytes)
      let known = type.values.filter { bits >> UInt64($0.code) & 1 == 1 }
      self = .set(known.map(\.name), rest: known.reduce(bits) { $0 & ~(1 << UInt64($1.code)) })
    }
  }

  /// A little-endian integer of at most eight bytes.
  private static func integer(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
