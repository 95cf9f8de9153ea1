import Glibc
import Values

@testable import Storage

/// A directory of its own for one test, removed at the end.
final class TestDirectory {
  let path: String

  init() {
    var template = Array("/tmp/lockstep-storage-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit {
    for name in names { unlink(path + "/" + name) }
    rmdir(path)
  }

  var names: [String] { (try? SystemFiles.shared.names(in: path)) ?? [] }
  /// Paths of the journal segments, oldest first.
  var segments: [String] { ((try? SystemFiles.shared.segments(in: path)) ?? []).map(\.path) }

  func removeAll() {
    for name in names { unlink(path + "/" + name) }
  }

  /// Replaces the directory's files.
  func restore(_ files: [String: [UInt8]]) {
    removeAll()
    for (name, bytes) in files { write(bytes, to: path + "/" + name) }
  }

  var contents: [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in names { files[name] = read(path + "/" + name) }
    return files
  }
}

func read(_ path: String) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  precondition(descriptor >= 0, "cannot open \(path)")
  defer { close(descriptor) }
  let size = Int(lseek(descriptor, 0, SEEK_END))
  var bytes = [UInt8](repeating: 0, count: size)
  precondition(pread(descriptor, &bytes, size, 0) == size)
  return bytes
}

func write(_ bytes: [UInt8], to path: String) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o640)
  precondition(descriptor >= 0, "cannot create \(path)")
  defer { close(descriptor) }
  precondition(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
}

/// A record without borrowed memory.
struct Entry: Equatable {
  var kind: Storage.Record.Kind
  var sequence: UInt64
  var time: Int64
  var key: UInt32
  var frame: [UInt8]

  init(_ record: Storage.Record) {
    kind = record.kind
    sequence = record.sequence
    time = record.time.rawValue
    key = record.key.rawValue
    frame = Array(record.frame)
  }

  init(kind: Storage.Record.Kind, sequence: UInt64, time: Int64, key: UInt32, frame: [UInt8]) {
    self.kind = kind
    self.sequence = sequence
    self.time = time
    self.key = key
    self.frame = frame
  }

  /// The command that tests journal at `sequence`: its length is not always a multiple of 8.
  static func command(_ sequence: UInt64) -> Entry {
    let frame = (0..<(20 + sequence * 7 % 50)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ sequence) }
    return Entry(
      kind: .input, sequence: sequence, time: 1_000 + Int64(sequence) * 10, key: UInt32(sequence % 3), frame: frame)
  }
}

let testIdentity = FileIdentity(venueId: 77, schemaId: 19539, schemaVersion: 1)

extension Journal {
  /// Appends and commits the commands up to `last`, `perBatch` at a time. Every command causes one output frame: itself.
  mutating func run(to last: UInt64, perBatch: Int) throws {
    var open = 0
    while sequence < last {
      let entry = Entry.command(sequence + 1)
      entry.frame.withUnsafeBytes {
        append($0, key: KeyId(entry.key), sequence: entry.sequence, time: Timestamp(entry.time))
        outputDigest.add(key: KeyId(entry.key), frame: $0)
      }
      open += 1
      if open == perBatch || sequence == last {
        try commit()
        open = 0
      }
    }
  }
}

/// What a reader finds in a directory or file.
struct ReadResult: Equatable {
  var inputs: [Entry] = []
  var outputs: [Entry] = []
  var state = LogState()
  var end: LogEnd?
}

func readAll(_ reader: consuming JournalReader) throws -> ReadResult {
  var result = ReadResult()
  while let record = try reader.next() {
    switch record.kind {
    case .input: result.inputs.append(Entry(record))
    case .output: result.outputs.append(Entry(record))
    case .digest: break
    }
  }
  result.state = reader.state
  result.end = reader.end
  return result
}

func readJournal(_ directory: String) throws -> ReadResult { try readAll(try JournalReader(directory: directory)) }
