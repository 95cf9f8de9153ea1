import Values

// Every integer in a hash input or a file is little-endian, without padding. These are the only places that write or
// read one. Rows of integers are copied as they lie in memory, which every platform of this program has little-endian.

/// Bytes being put together: the input of a hash, or a file.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ value: Bytes32) {
    for word in [value.word0, value.word1, value.word2, value.word3] { put(word) }
  }

  mutating func put(_ values: ArraySlice<UInt128>) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ values: [Int128]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ values: [UInt8]) { bytes.append(contentsOf: values) }

  /// Forgets the bytes and keeps their memory.
  mutating func clear() { bytes.removeAll(keepingCapacity: true) }
}

/// Bytes being taken apart. Whatever is asked for must be there.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var offset: Int

  init(_ bytes: [UInt8], from offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  var remaining: Int { bytes.count - offset }

  mutating func take<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type = Value.self
  ) throws(SolvencyFault) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw .malformed("it ends at byte \(bytes.count), in the middle of a field") }
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    offset += size
    return Value(littleEndian: value)
  }

  mutating func takeBytes32() throws(SolvencyFault) -> Bytes32 {
    Bytes32(try take(), try take(), try take(), try take())
  }

  mutating func takeRow(_ count: Int) throws(SolvencyFault) -> [UInt128] {
    var row: [UInt128] = []
    row.reserveCapacity(count)
    for _ in 0..<count { row.append(try take()) }
    return row
  }

  mutating func takeFigures(_ count: Int) throws(SolvencyFault) -> [Int128] {
    var row: [Int128] = []
    row.reserveCapacity(count)
    for _ in 0..<count { row.append(try take()) }
    return row
  }
}
