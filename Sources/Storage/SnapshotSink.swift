import CLZ4
import Glibc
import Values

/// Takes the canonical state in pieces, hashes, compresses and writes it through bounded buffers.
///
/// Owns the LZ4 context and two fixed buffers, all taken at creation. The state is written to it twice: once to count
/// (LZ4 wants the size first), once to store. The first error is kept and thrown at the end.
struct SnapshotSink: ~Copyable {
  private enum Pass { case counting, storing }

  private static let pieceBytes = 1 << 16

  private let file: File
  private let context: OpaquePointer
  private var pass = Pass.counting
  private var preferences: LZ4F_preferences_t
  private var gathered: ByteBuffer
  private var compressed: ByteBuffer
  private var hash = StreamHash()
  private var counted: UInt64 = 0
  private var stored: UInt64 = 0
  private(set) var fileOffset = SnapshotHeader.stateOffset
  private var failure: StorageError?

  init(file: consuming File) throws(StorageError) {
    var created: OpaquePointer?
    let result = LZ4F_createCompressionContext(&created, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(result) == 0, let created else {
      throw .system(call: "compress", path: file.path, code: ENOMEM)
    }
    context = created
    preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    gathered = ByteBuffer(capacity: Self.pieceBytes)
    compressed = ByteBuffer(capacity: LZ4F_compressBound(Self.pieceBytes, &preferences))
    self.file = file
  }

  deinit { LZ4F_freeCompressionContext(context) }

  /// Bytes seen by the counting pass.
  var stateBytes: UInt64 { counted }

  /// Ends the counting pass and writes the LZ4 frame header.
  mutating func beginStoring() throws(StorageError) {
    pass = .storing
    preferences.frameInfo.contentSize = counted
    put(LZ4F_compressBegin(context, compressed.base, compressed.capacity, &preferences))
    if let failure { throw failure }
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    guard case .storing = pass else {
      counted += UInt64(bytes.count)
      return
    }
    guard failure == nil else { return }
    stored += UInt64(bytes.count)
    var rest = bytes
    while !rest.isEmpty {
      let amount = min(rest.count, Self.pieceBytes - gathered.count)
      gathered.append(rest.slice(0..<amount))
      rest = rest.slice(amount..<rest.count)
      if gathered.count == Self.pieceBytes { compressGathered() }
    }
  }

  private mutating func compressGathered() {
    guard gathered.count > 0, failure == nil else { return }
    hash.update(gathered.bytes)
    put(LZ4F_compressUpdate(context, compressed.base, compressed.capacity, gathered.base, gathered.count, nil))
    gathered.setCount(0)
  }

  /// Takes the result of an LZ4F call that filled `compressed`: an error, or a number of bytes to write.
  private mutating func put(_ result: Int) {
    guard failure == nil else { return }
    guard LZ4F_isError(result) == 0 else {
      let name = String(cString: LZ4F_getErrorName(result))
      failure = .unexpected(path: file.path, reason: "LZ4 cannot compress the state: \(name)")
      return
    }
    compressed.setCount(result)
    do {
      try file.write(compressed.bytes, at: fileOffset)
      fileOffset += result
    } catch { failure = error }
  }

  /// Writes the end of the LZ4 frame and the header, brings the file to the disk, and returns the header.
  mutating func finish(identity: FileIdentity, log: LogState) throws(StorageError) -> SnapshotHeader {
    compressGathered()
    put(LZ4F_compressEnd(context, compressed.base, compressed.capacity, nil))
    if let failure { throw failure }
    precondition(stored == counted, "the state was written twice and differed")
    let header = SnapshotHeader(identity: identity, log: log, stateBytes: stored, stateHash: hash.finish())
    compressed.setCount(0)
    compressed.appendZeros(SnapshotHeader.stateOffset)
    header.encode(into: compressed.base)
    try file.write(compressed.bytes, at: 0)
    try file.synchronise()
    return header
  }
}
