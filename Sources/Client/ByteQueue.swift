/// Bytes waiting to be read or sent, first in first out. Memory is kept and used again.
struct ByteQueue: Sendable {
  private var storage: [UInt8] = []
  private var head = 0

  /// Bytes waiting.
  var count: Int { storage.count - head }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    storage.append(contentsOf: bytes)
  }

  /// Makes room for `length` bytes at the end and lets `write` fill all of them.
  mutating func append(length: Int, _ write: (UnsafeMutableRawPointer) -> Void) {
    let start = storage.count
    storage.append(contentsOf: repeatElement(0, count: length))
    storage.withUnsafeMutableBytes { write($0.baseAddress! + start) }
  }

  /// Shows the waiting bytes.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
  }

  /// Drops the first `length` of the waiting bytes.
  mutating func consume(_ length: Int) {
    precondition(length >= 0 && length <= count)
    head += length
    if head == storage.count {
      removeAll()
    } else if head > 1 << 16 && head > storage.count / 2 {
      storage.removeFirst(head)
      head = 0
    }
  }

  mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
    head = 0
  }
}
