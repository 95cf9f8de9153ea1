import Values

/// A recorded market: the commands that an engine is fed, and the fills that the venue published.
public struct Tape: Sendable {
  public var rows: [TapeRow]
  public var fills: [TapeFill]

  public init(rows: [TapeRow], fills: [TapeFill] = []) {
    self.rows = rows
    self.fills = fills
  }

  /// Reads `seq,timestamp_ns,cmd,order_id,side,price,size[,display,hidden]`, packed with gzip or not.
  ///
  /// Lines that start with `#` are comments. Throws a ``TapeError`` that names the file, the line and the value.
  public static func rows(at path: String) throws -> [TapeRow] {
    try rows(in: TextFile.read(path), path: path)
  }

  /// The same from bytes; `path` is for errors only.
  public static func rows(in bytes: [UInt8], path: String) throws -> [TapeRow] {
    var lines = try TapeLines(
      path: path, bytes: bytes,
      names: ["seq", "cmd", "order_id", "timestamp_ns", "side", "price", "size", "display", "hidden"], required: 7)
    var rows: [TapeRow] = []
    while lines.next() {
      let letter = lines.text(1)
      guard letter.count == 1, let kind = letter.first.flatMap(TapeRow.Kind.init(rawValue:)) else {
        throw lines.failure("cmd is none of S R N I P C M J: \(String(decoding: letter, as: UTF8.self))")
      }
      // A cancel needs nothing but the id; some tapes leave the rest of its row empty.
      let missing: Int64? = kind == .cancel ? 0 : nil
      let row = TapeRow(
        sequence: try lines.number(0), time: try lines.number(3), kind: kind, orderId: try lines.number(2),
        side: try side(in: lines, isOptional: kind == .cancel), price: try lines.number(5, otherwise: missing),
        size: try lines.number(6, otherwise: missing), display: try lines.number(7, otherwise: 0),
        hidden: try lines.number(8, otherwise: 0))
      guard row.price >= 0, row.size >= 0, row.display >= 0, row.hidden >= 0 else {
        throw lines.failure("prices and sizes may not be negative")
      }
      guard !row.size.addingReportingOverflow(row.hidden).overflow else { throw lines.failure("the size is too large") }
      rows.append(row)
    }
    return rows
  }

  /// Reads `seq,taker_id,maker_id,price,size`, packed with gzip or not.
  public static func fills(at path: String) throws -> [TapeFill] {
    try fills(in: TextFile.read(path), path: path)
  }

  /// The same from bytes; `path` is for errors only.
  public static func fills(in bytes: [UInt8], path: String) throws -> [TapeFill] {
    var lines = try TapeLines(
      path: path, bytes: bytes, names: ["seq", "taker_id", "maker_id", "price", "size"], required: 5)
    var fills: [TapeFill] = []
    while lines.next() {
      fills.append(
        TapeFill(
          sequence: try lines.number(0), takerId: try lines.number(1), makerId: try lines.number(2),
          price: try lines.number(3), size: try lines.number(4)))
    }
    return fills
  }

  private static func side(in lines: TapeLines, isOptional: Bool) throws -> Side {
    let text = lines.text(4)
    if text.elementsEqual([0x42]) || (text.isEmpty && isOptional) { return .buy }
    if text.elementsEqual([0x41]) { return .sell }
    throw lines.failure("side is neither B nor A: \(String(decoding: text, as: UTF8.self))")
  }
}
