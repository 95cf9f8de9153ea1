import CLZ4
import Glibc
import Values

/// A snapshot read into memory and checked in full: header checksum, LZ4 frame and content checksum, size, hash.
/// Owns the state's bytes and frees them.
public struct SnapshotState: ~Copyable {
  public let header: SnapshotHeader
  private let buffer: ByteBuffer

  /// The canonical state, valid as long as this value.
  public var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// LZ4 cannot make anything smaller than this many times: a header that claims more is false, and is refused before
  /// memory is taken for it.
  private static let greatestRatio: UInt64 = 256

  /// Loads the snapshot at `path`. Any file may be given; nothing but the bytes that were stored is ever accepted.
  public init(loading path: String, in files: any FileSystem = SystemFiles.shared) throws(StorageError) {
    var window = try FileWindow(path, in: files)
    let loadedHeader = try readSnapshotHeader(&window)
    let size = loadedHeader.stateBytes
    guard size <= UInt64(window.size) * Self.greatestRatio else {
      throw .damaged(path: path, offset: 48, reason: "the state cannot be \(size) bytes in a file of \(window.size)")
    }
    var state = ByteBuffer(capacity: Int(size) + 1)
    try decompress(&window, into: &state, expected: size)
    var hash = StreamHash()
    hash.update(state.bytes)
    guard hash.finish() == loadedHeader.stateHash else {
      throw .damaged(path: path, offset: 56, reason: "the state does not have the hash in the header")
    }
    header = loadedHeader
    buffer = state
  }
}

/// Reads only the header of the snapshot at `path`, and checks it.
func readSnapshotHeader(_ path: String, in files: any FileSystem) throws(StorageError) -> SnapshotHeader {
  var window = try FileWindow(path, in: files, bytes: 4096)
  return try readSnapshotHeader(&window)
}

private func readSnapshotHeader(_ window: inout FileWindow) throws(StorageError) -> SnapshotHeader {
  guard let bytes = try window.bytes(at: 0, count: min(SnapshotHeader.stateOffset, window.size)) else {
    throw .damaged(path: window.path, offset: 0, reason: "the snapshot header is cut off")
  }
  return try SnapshotHeader(bytes, path: window.path)
}

/// Unpacks the LZ4 frame behind the header into `state`, which must end up with exactly `expected` bytes, and checks
/// that nothing follows it.
private func decompress(
  _ window: inout FileWindow, into state: inout ByteBuffer, expected: UInt64
) throws(StorageError) {
  let path = window.path
  var offset = SnapshotHeader.stateOffset
  func damaged(_ reason: String) -> StorageError { .damaged(path: path, offset: UInt64(offset), reason: reason) }

  var created: OpaquePointer?
  let result = LZ4F_createDecompressionContext(&created, UInt32(LZ4F_VERSION))
  guard LZ4F_isError(result) == 0, let context = created else {
    throw .system(call: "decompress", path: path, code: ENOMEM)
  }
  defer { LZ4F_freeDecompressionContext(context) }

  var information = LZ4F_frameInfo_t()
  guard let start = try window.bytes(at: offset, count: min(19, window.size - offset)) else {
    throw damaged("the LZ4 frame is cut off")
  }
  var consumed = start.count
  let headerResult = LZ4F_getFrameInfo(context, &information, start.baseAddress, &consumed)
  guard LZ4F_isError(headerResult) == 0 else {
    throw damaged("LZ4: \(String(cString: LZ4F_getErrorName(headerResult)))")
  }
  guard information.frameType == LZ4F_frame, information.contentSize == expected,
    information.contentChecksumFlag == LZ4F_contentChecksumEnabled
  else { throw damaged("the LZ4 frame does not announce the state that the snapshot header describes") }
  offset += consumed

  while true {
    guard offset < window.size, let piece = try window.bytes(at: offset, count: min(1 << 16, window.size - offset))
    else { throw damaged("the LZ4 frame is cut off") }
    var taken = piece.count
    var produced = state.capacity - state.count
    let hint = LZ4F_decompress(context, state.base + state.count, &produced, piece.baseAddress, &taken, nil)
    guard LZ4F_isError(hint) == 0 else { throw damaged("LZ4: \(String(cString: LZ4F_getErrorName(hint)))") }
    state.setCount(state.count + produced)
    offset += taken
    if hint == 0 { break }
    guard taken > 0 || produced > 0 else { throw damaged("the LZ4 frame holds more than it announces") }
  }
  guard UInt64(state.count) == expected else { throw damaged("the state is \(state.count) bytes, not \(expected)") }
  guard offset == window.size else { throw damaged("\(window.size - offset) bytes follow the state") }
}
