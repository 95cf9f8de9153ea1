import Values
import Wire

/// Makes whole frames of one message out of one byte per field.
///
/// Small bytes become values that mean something in the fixture (an account that exists, a price near the mark), so that
/// a random frame is often accepted; the highest 16 become the edges of the number formats.
public struct FrameShape: Sendable {
  /// The message.
  public let template: Template
  let fields: [ShapedField]
  let rowFields: [ShapedField]

  /// The shape of every message of the schema, in the order of ``Template/allCases``.
  public static let all: [FrameShape] = Template.allCases.map(FrameShape.init)

  /// The shape of `template`.
  public static func of(_ template: Template) -> FrameShape {
    all[Template.allCases.firstIndex(of: template) ?? 0]
  }

  private init(_ template: Template) {
    self.template = template
    let description = template.description
    fields = ShapedField.fields(of: description.fields)
    rowFields = ShapedField.fields(of: description.rows?.fields ?? [])
  }

  /// Takes the bytes that one frame needs from the program: one per field, then the number of rows, then theirs.
  public func takeValues(from program: inout ByteCursor) -> UnsafeRawBufferPointer {
    if rowFields.isEmpty { return program.take(fields.count) }
    var ahead = program
    _ = ahead.take(fields.count)
    let rows = FrameShape.rows(ahead.byte())
    return program.take(fields.count + 1 + rows * rowFields.count)
  }

  /// More rows than any message may have are possible, but rare.
  private static func rows(_ choice: UInt8) -> Int { Int(choice % 20) }

  /// A frame with these values. A request id below the edges becomes `nextRequest`.
  public func frame(_ values: UnsafeRawBufferPointer, nextRequest: UInt64) -> [UInt8] {
    var program = ByteCursor(values)
    var frame = header(rows: 0)
    for field in fields {
      let choice = program.byte()
      let isRequest = field.offset == 0 && field.kind == .requestId && choice < ShapedField.edge
      field.store(isRequest ? Int64(bitPattern: nextRequest) : field.value(choice), in: &frame, at: FrameHeader.length)
    }
    if template.rowLength == 0 { return frame }
    let rows = FrameShape.rows(program.byte())
    let rowStart = frame.count
    frame += [UInt8](repeating: 0, count: rows * template.rowLength)
    for row in 0..<rows {
      for field in rowFields {
        field.store(field.value(program.byte()), in: &frame, at: rowStart + row * template.rowLength)
      }
    }
    FrameShape.store(UInt64(frame.count), size: 2, in: &frame, at: 0)
    FrameShape.store(UInt64(rows), size: 2, in: &frame, at: rowStart - 2)
    return frame
  }

  /// The empty frame of the message: all fields zero, no rows.
  public var zeroFrame: [UInt8] { header(rows: 0) }

  private func header(rows: Int) -> [UInt8] {
    let group = template.rowLength == 0 ? 0 : FrameHeader.rowsLength
    var frame = [UInt8](repeating: 0, count: FrameHeader.length + template.blockLength + group)
    let words = [
      UInt16(frame.count), FrameHeader.encoding, UInt16(template.blockLength), template.rawValue, Schema.id,
      Schema.version,
    ]
    for (index, word) in words.enumerated() { FrameShape.store(UInt64(word), size: 2, in: &frame, at: 2 * index) }
    if group > 0 {
      FrameShape.store(UInt64(template.rowLength), size: 2, in: &frame, at: FrameHeader.length + template.blockLength)
    }
    return frame
  }

  /// Writes the low `size` bytes of `value`, little-endian.
  static func store(_ value: UInt64, size: Int, in frame: inout [UInt8], at offset: Int) {
    for index in 0..<size { frame[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }
}
