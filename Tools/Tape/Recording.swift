import Glibc
import Kernel
import Storage
import Values
import Wire

/// A capture, a journal segment, or the whole journal of a data directory.
public struct Recording: Sendable {
  public let path: String
  /// Whether the path is a data directory.
  public let isDirectory: Bool

  /// Looks what is at `path`.
  public init(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw TapeError("\(path): \(String(cString: strerror(errno)))") }
    self.path = path
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
  }

  /// A reader at the first record.
  public func reader() throws(StorageError) -> JournalReader {
    isDirectory ? try JournalReader(directory: path) : try JournalReader(file: path)
  }

  /// Snapshot files of a data directory, ascending; none of a file.
  public func snapshots() throws -> [(path: String, sequence: UInt64)] { try files("snapshot-", ".lss") }

  /// Journal segments of a data directory, ascending, by the first sequence in each; none of a file.
  public func segments() throws -> [(path: String, sequence: UInt64)] { try files("journal-", ".lsj") }

  private func files(_ prefix: String, _ suffix: String) throws -> [(path: String, sequence: UInt64)] {
    guard isDirectory else { return [] }
    guard let stream = opendir(path) else { throw TapeError("\(path): \(String(cString: strerror(errno)))") }
    defer { closedir(stream) }
    var found: [(path: String, sequence: UInt64)] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix), name.hasSuffix(suffix),
        let sequence = UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
      else { continue }
      found.append((path + "/" + name, sequence))
    }
    return found.sorted { $0.sequence < $1.sequence }
  }

  /// How many commands there are to replay, for progress: the last sequence. O(file), quick: no kernel runs.
  public func lastSequence() throws(StorageError) -> UInt64 {
    var reader = try reader()
    while try reader.nextBatch() {}
    return reader.state.sequence
  }
}

/// A kernel that goes on with a recording from some point of it.
struct ReplaySource: ~Copyable {
  var replayer: Replayer
  var reader: JournalReader

  private init(replayer: consuming Replayer, reader: consuming JournalReader) {
    self.replayer = replayer
    self.reader = reader
  }

  /// Begins `recording`. One that does not begin with the creation of its venue needs the `snapshot` file of the state
  /// before it.
  static func open(_ recording: Recording, snapshot: String? = nil) throws -> ReplaySource {
    var reader = try recording.reader()
    let isCapture = reader.header.kind == .capture
    if let snapshot {
      let state = try SnapshotState(loading: snapshot)
      var bytes = StateReader(state.bytes)
      let kernel = try Kernel.restored(from: &bytes)
      return ReplaySource(
        replayer: Replayer(kernel: kernel, digest: state.header.log.output, comparesOutputs: isCapture), reader: reader)
    }
    guard reader.header.firstSequence == 1 else {
      throw TapeError(
        "\(recording.path) begins at sequence \(reader.header.firstSequence): give the snapshot of the state before it")
    }
    guard let first = try reader.next() else { throw TapeError("\(recording.path) holds no commands") }
    var replayer = try Replayer(genesis: first, comparesOutputs: isCapture)
    try replayer.take(first)
    return ReplaySource(replayer: replayer, reader: reader)
  }
}
