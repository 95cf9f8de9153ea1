/// The rows of a comma-separated tape file: comments and the header line are taken out, columns are found by name.
///
/// Everything is read as bytes, in place: a tape has hundreds of thousands of rows.
struct TapeLines {
  private let path: String
  private let bytes: [UInt8]
  private let names: [String]
  /// For each column of the file the index of its name in `names`, or -1.
  private var columns: [Int] = []
  private var position = 0
  private(set) var line = 0
  /// Ranges of the current row's values, in the order of `names`; empty: not there.
  private var fields: [Range<Int>]

  /// Finds the header. Throws when one of the first `required` names is not in it.
  init(path: String, bytes: [UInt8], names: [String], required: Int) throws {
    self.path = path
    self.bytes = bytes
    self.names = names
    fields = Array(repeating: 0..<0, count: names.count)
    guard let header = nextLine() else { throw TapeError("\(path): the file has no header line") }
    columns = String(decoding: bytes[header], as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false)
      .map { names.firstIndex(of: String($0).trimmed) ?? -1 }
    for (index, name) in names.prefix(required).enumerated() where !columns.contains(index) {
      throw TapeError("\(path), line \(line): the header has no column \(name)")
    }
  }

  /// Goes to the next row; `false` at the end.
  mutating func next() -> Bool {
    guard let range = nextLine() else { return false }
    for index in fields.indices { fields[index] = range.upperBound..<range.upperBound }
    var start = range.lowerBound
    var column = 0
    while start <= range.upperBound {
      var end = start
      while end < range.upperBound && bytes[end] != 0x2C { end += 1 }
      if column < columns.count && columns[column] >= 0 { fields[columns[column]] = start..<end }
      column += 1
      start = end + 1
    }
    return true
  }

  /// The bytes of a value.
  func text(_ index: Int) -> ArraySlice<UInt8> { bytes[fields[index]] }

  /// A whole number; `otherwise` when the value is not there, an error when that is `nil`.
  func number<Number: FixedWidthInteger>(_ index: Int, otherwise: Number? = nil) throws -> Number {
    let field = fields[index]
    if field.isEmpty {
      if let otherwise { return otherwise }
      throw failure("\(names[index]) is missing")
    }
    var value: Number = 0
    var position = field.lowerBound
    let isNegative = Number.isSigned && bytes[position] == 0x2D
    if isNegative { position += 1 }
    var isValid = position < field.upperBound
    while isValid && position < field.upperBound {
      let digit = bytes[position] &- 0x30
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) =
        isNegative
        ? product.subtractingReportingOverflow(Number(truncatingIfNeeded: digit))
        : product.addingReportingOverflow(Number(truncatingIfNeeded: digit))
      isValid = digit <= 9 && !tooLarge && !overflow
      value = sum
      position += 1
    }
    guard isValid else {
      throw failure("\(names[index]) is not a whole number: \(String(decoding: bytes[field], as: UTF8.self))")
    }
    return value
  }

  /// An error that names the file and the line.
  func failure(_ sentence: String) -> TapeError { TapeError("\(path), line \(line): \(sentence)") }

  /// The next line that is neither empty nor a comment, without its line end.
  private mutating func nextLine() -> Range<Int>? {
    while position < bytes.count {
      let start = position
      var end = start
      while end < bytes.count && bytes[end] != 0x0A { end += 1 }
      position = end + 1
      line += 1
      if end > start && bytes[end - 1] == 0x0D { end -= 1 }
      if end > start && bytes[start] != 0x23 { return start..<end }
    }
    return nil
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " || $0 == "\u{FEFF}" }.reversed().drop { $0 == " " }.reversed())
  }
}
