import Glibc
import Storage
import ToolSupport
import Values
import Wire

/// Shows what is in a journal, capture or snapshot, one line for each thing, for people or as JSON lines.
public struct Inspection {
  /// What to show, and how.
  public struct Options: Sendable {
    /// Only records of these sequences.
    public var sequences: ClosedRange<UInt64> = 0...UInt64.max
    /// Only records from or for this key.
    public var key: KeyId?
    /// Only frames of these messages; empty: of all.
    public var templates: Set<UInt16> = []
    /// Inputs only.
    public var isWithoutOutputs = false
    /// Of a snapshot: its resting orders too.
    public var showsOrders = false
    /// Stop after so many lines.
    public var limit = Int.max
    public var isJson = false

    public init() {}
  }

  let options: Options
  let emit: (String) -> Void

  /// Shows the file or data directory at `path`; `emit` gets the lines.
  public static func run(_ path: String, _ options: Options, emit: (String) -> Void) throws {
    let recording = try Recording(path)
    try withoutActuallyEscaping(emit) { emit in
      let inspection = Inspection(options: options, emit: emit)
      if try !recording.isDirectory && isSnapshot(path) {
        try inspection.showSnapshot(path)
      } else {
        for snapshot in try recording.snapshots() { try inspection.showHeader(ofSnapshot: snapshot.path) }
        try inspection.showRecords(of: recording)
      }
    }
  }

  /// Whether the file begins like an LZ4 skippable frame.
  private static func isSnapshot(_ path: String) throws -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TapeError("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var magic: [UInt8] = [0, 0, 0, 0]
    return read(descriptor, &magic, 4) == 4 && magic == [0x50, 0x2A, 0x4D, 0x18]
  }

  // MARK: Records

  private func showRecords(of recording: Recording) throws {
    var reader = try recording.reader()
    try showHeader(of: reader)
    var shown = 0
    var batch: UInt64 = 0
    while shown < options.limit, let record = try reader.next() {
      if record.sequence > options.sequences.upperBound { return }
      guard isWanted(record) else { continue }
      if let header = reader.batch, header.number != batch {
        batch = header.number
        if !options.isJson && options.templates.isEmpty && options.key == nil {
          emit("-- batch \(header.number), offset \(header.offset), synced up to \(header.syncedBatch)")
        }
      }
      emit(options.isJson ? json(record) : text(record))
      shown += 1
    }
    if let end = reader.end, shown < options.limit { show(end) }
  }

  private func isWanted(_ record: Record) -> Bool {
    guard options.sequences.contains(record.sequence) else { return false }
    if options.isWithoutOutputs && record.kind == .output { return false }
    if let key = options.key, record.kind == .digest || record.key != key { return false }
    if options.templates.isEmpty { return true }
    return record.kind != .digest && frame(record).map { options.templates.contains($0.template.rawValue) } ?? false
  }

  private func frame(_ record: Record) -> Frame? {
    guard case .frame(let length) = Frame.scan(record.frame, maximum: Int(UInt16.max)), length == record.frame.count
    else { return nil }
    return Frame(record.frame)
  }

  private func text(_ record: Record) -> String {
    switch record.kind {
    case .digest:
      let payload = DigestPayload(record.frame)
      let frames = payload.map { "\($0.output.frames)" } ?? "?"
      let digest = payload.map { digestText($0.output.value) } ?? "?"
      return "   digest of \(frames) outputs \(digest)"
    case .input:
      let who = record.key == .venue ? "venue" : "key \(record.key.rawValue)"
      return "\(record.sequence) \(Amounts.time(record.time)) \(who): " + describe(record)
    case .output:
      return "   → key \(record.key.rawValue): " + describe(record)
    }
  }

  private func describe(_ record: Record) -> String {
    frame(record).map(FrameText.describe) ?? "\(record.frame.count) bytes that are not a frame"
  }

  private func json(_ record: Record) -> String {
    var line = "{\"sequence\":\(record.sequence),\"time\":\(record.time.rawValue),\"kind\":\"\(record.kind)\""
    if record.kind == .digest {
      if let payload = DigestPayload(record.frame) {
        line += ",\"outputs\":\(payload.output.frames),\"outputDigest\":\"\(digestText(payload.output.value))\""
        line += ",\"logChain\":\"\(hashText(payload.logChain))\""
      }
    } else {
      line += ",\"key\":\(record.key.rawValue),\"frame\":\(frame(record).map(FrameText.json) ?? "null")"
    }
    return line + "}"
  }

  // MARK: Files

  private func showHeader(of reader: borrowing JournalReader) throws {
    let header = reader.header
    if options.isJson {
      show([
        ("file", .string(reader.path)), ("kind", .string("\(header.kind)")),
        ("venueId", .integer(header.identity.venueId)), ("segment", .integer(header.number)),
        ("firstSequence", .integer(header.firstSequence)),
      ])
    } else {
      emit(
        "\(reader.path): \(header.kind) of venue \(header.identity.venueId), segment \(header.number), from sequence "
          + "\(header.firstSequence), schema version \(header.identity.schemaVersion)")
    }
  }

  private func show(_ end: LogEnd) {
    if options.isJson {
      show([
        ("file", .string(end.path)), ("end", .integer(end.offset)), ("tornBytes", .integer(end.tornBytes)),
        ("reason", .string(end.reason)),
      ])
    } else if end.tornBytes > 0 {
      emit("-- torn: \(end.tornBytes) bytes at offset \(end.offset) of \(end.path): \(end.reason)")
    } else {
      emit("-- end at offset \(end.offset) of \(end.path)")
    }
  }

  func show(_ members: [(String, Json)]) { emit(Json.object(members).text) }
}
