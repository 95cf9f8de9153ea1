import Glibc

/// A window over a file that is read from front to back. Reads with pread, so a disk error is an error and not a signal
/// as it would be with a mapping. Owns the file and the window's memory.
struct FileWindow: ~Copyable {
  let path: String
  /// Size of the file when it was opened.
  let size: Int
  private let file: File
  private var buffer: ByteBuffer
  /// File offset of the first byte in `buffer`.
  private var start = 0

  init(_ path: String, in files: any FileSystem, bytes: Int = 1 << 20) throws(StorageError) {
    let opened = try File(path, flags: O_RDONLY, in: files)
    size = try opened.size()
    file = opened
    self.path = path
    buffer = ByteBuffer(capacity: bytes)
  }

  /// The bytes `offset ..< offset + count`, valid until the next call; `nil` when the file ends before.
  mutating func bytes(at offset: Int, count: Int) throws(StorageError) -> UnsafeRawBufferPointer? {
    precondition(offset >= 0 && count >= 0)
    guard count <= size - offset else { return nil }
    if offset < start || offset + count > start + buffer.count {
      buffer.setCount(0)
      buffer.reserve(count)
      start = offset
      buffer.setCount(try file.read(into: buffer.storage, at: offset))
      if buffer.count < count { return nil }
    }
    return buffer.bytes.slice(offset - start..<offset - start + count)
  }

  /// Offset of the last byte from `offset` on that is not zero; `nil` when there is none.
  mutating func lastNonZero(from offset: Int) throws(StorageError) -> Int? {
    var last: Int?
    var position = offset
    while position < size {
      guard let piece = try bytes(at: position, count: min(1 << 16, size - position)) else { break }
      if let first = piece.firstNonZero {
        var index = piece.count - 1
        while index > first && piece[index] == 0 { index -= 1 }
        last = position + index
      }
      position += piece.count
    }
    return last
  }
}
