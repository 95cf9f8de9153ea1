import Kernel
import Values
import Wire

/// Feeds recorded commands to a kernel and compares what it says with what was recorded: every output frame where the
/// recording holds them (a capture), the running digest at the end of each batch otherwise (a journal).
///
/// The first difference is thrown as `StorageError.diverged` and names the sequence and both frames.
@frozen public struct Replayer: ~Copyable {
  /// The kernel after the last record.
  public var kernel: Kernel
  /// Running digest of everything it has said.
  public private(set) var digest: OutputDigest
  /// Commands applied by this replayer.
  public private(set) var applied: UInt64 = 0
  private var output = Output()
  private let comparesOutputs: Bool
  private var recordedOutputs = 0
  private var produced: [(key: KeyId, frame: [UInt8])] = []

  /// Goes on with `kernel`, which has said what `digest` covers. `comparesOutputs`: the recording is a capture.
  public init(kernel: consuming Kernel, digest: OutputDigest, comparesOutputs: Bool = false) {
    self.kernel = kernel
    self.digest = digest
    self.comparesOutputs = comparesOutputs
  }

  /// Starts from nothing: `first` must be the first record of a venue, the DefineVenue that sizes the kernel. It is not
  /// applied yet.
  public init(genesis first: Record, comparesOutputs: Bool = false) throws(StorageError) {
    let frame = try scanFrame(first)
    guard first.kind == .input, first.sequence == 1, first.key == .venue, frame.template == .defineVenue else {
      throw .diverged(sequence: first.sequence, reason: "a recording begins with a DefineVenue of key 0")
    }
    self.init(
      kernel: Kernel(venue: frame.decode(DefineVenue.self)), digest: OutputDigest(), comparesOutputs: comparesOutputs)
  }

  /// Takes the next record: applies an input, compares an output or a digest. `report` gets every frame that the kernel
  /// sends, with its destination; the bytes are valid during the call.
  public mutating func take(
    _ record: Record, report: (KeyId, UnsafeRawBufferPointer) -> Void = { _, _ in }
  ) throws(StorageError) {
    switch record.kind {
    case .input:
      try finishCommand()
      try apply(record, report: report)
    case .output: try compare(record)
    case .digest:
      try finishCommand()
      try compareDigest(record)
    }
  }

  /// Checks at the end of a recording that no output of the last command is missing from it.
  public mutating func finish() throws(StorageError) { try finishCommand() }

  /// Ends the replay and gives the kernel back.
  public consuming func finished() -> Kernel { kernel }

  private mutating func apply(
    _ record: Record, report: (KeyId, UnsafeRawBufferPointer) -> Void
  ) throws(StorageError) {
    guard record.sequence == kernel.sequence + 1 else {
      throw .diverged(sequence: record.sequence, reason: "the kernel is at sequence \(kernel.sequence)")
    }
    guard record.time > kernel.time else {
      throw .diverged(sequence: record.sequence, reason: "its time is not later than \(kernel.time.rawValue) ns")
    }
    let frame = try scanFrame(record)
    output.clear()
    kernel.apply(frame, key: record.key, time: record.time, output: &output)
    applied += 1
    var running = digest
    output.forEachFrame { key, frame in
      running.add(key: key, frame: frame)
      report(key, frame)
    }
    digest = running
    guard comparesOutputs else { return }
    var frames: [(key: KeyId, frame: [UInt8])] = []
    output.forEachFrame { key, frame in frames.append((key: key, frame: Array(frame))) }
    produced = frames
    recordedOutputs = 0
  }

  private mutating func compare(_ record: Record) throws(StorageError) {
    let index = recordedOutputs
    recordedOutputs += 1
    let recorded = "recorded for key \(record.key.rawValue): \(describe(Array(record.frame)))"
    guard record.sequence == kernel.sequence else {
      throw .diverged(sequence: record.sequence, reason: "an output of a command that is not in the recording")
    }
    guard index < produced.count else {
      throw .diverged(sequence: record.sequence, reason: "output \(index + 1) was not produced; \(recorded)")
    }
    let actual = produced[index]
    guard actual.key == record.key, actual.frame.elementsEqual(record.frame) else {
      throw .diverged(
        sequence: record.sequence,
        reason: "output \(index + 1) differs; \(recorded); replayed for key \(actual.key.rawValue): "
          + describe(actual.frame))
    }
  }

  private mutating func finishCommand() throws(StorageError) {
    guard comparesOutputs, recordedOutputs < produced.count else { return }
    let extra = produced[recordedOutputs]
    throw .diverged(
      sequence: kernel.sequence,
      reason: "output \(recordedOutputs + 1) is not in the recording; replayed for key \(extra.key.rawValue): "
        + describe(extra.frame))
  }

  private func compareDigest(_ record: Record) throws(StorageError) {
    guard let payload = DigestPayload(record.frame) else {
      throw .diverged(sequence: record.sequence, reason: "a digest record of the wrong length")
    }
    guard payload.output == digest else {
      throw .diverged(
        sequence: record.sequence,
        reason: "in the batch that ends here, recorded were \(payload.output.frames) output frames in all with digest "
          + "\(hexadecimal(payload.output.value)), replayed \(digest.frames) with \(hexadecimal(digest.value))")
    }
  }
}

/// The frame of a command, checked.
private func scanFrame(_ record: Record) throws(StorageError) -> Frame {
  switch Frame.scan(record.frame, maximum: Int(UInt16.max)) {
  case .frame(let length) where length == record.frame.count: return Frame(record.frame)
  case .malformed(let error): throw .diverged(sequence: record.sequence, reason: "not a frame: \(error)")
  case .frame, .incomplete: throw .diverged(sequence: record.sequence, reason: "not one whole frame")
  }
}

private func describe(_ bytes: [UInt8]) -> String {
  bytes.withUnsafeBytes { buffer in
    guard case .frame(let length) = Frame.scan(buffer, maximum: Int(UInt16.max)), length == buffer.count else {
      return "\(buffer.count) bytes that are not a frame"
    }
    return FrameText.describe(Frame(buffer))
  }
}

/// A 64-bit value as 16 hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
