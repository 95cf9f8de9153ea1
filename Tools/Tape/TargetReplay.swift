import Client
import Kernel
import Storage
import Values
import Wire

/// A recording fed to a server that was started as a replay target, beside a kernel of our own: the server's digest of
/// all outputs and its state hash must be the kernel's, and the kernel's outputs those of the recording.
public struct TargetReplay: Sendable {
  public let commands: UInt64
  public let sequence: UInt64
  public let seconds: Double
  public let digest: OutputDigest
  public let stateHash: Bytes32
  public let firstDifference: String?
  public let fills: FillComparison?

  /// Whether the server did as recorded, and as published.
  public var isExact: Bool { firstDifference == nil && fills?.isExact != false }

  /// What to compare with, and how often.
  public struct Options: Sendable {
    public var through = UInt64.max
    /// Published fills, to compare with those of an imported capture.
    public var fills: [TapeFill]?
    /// The server's digest is compared after so many commands: the nearer the first difference is found.
    public var interval: UInt64 = 4096
    public var pace = ReplayPace.flatOut
    public var isSilent = false

    public init() {}
  }

  /// Replays `recording` into the server at `address`, whose venue must be at the beginning or at some command of the
  /// recording. A difference is a result; throws when the recording or the server cannot be used.
  public static func run(
    _ recording: Recording, to address: Address, _ options: Options = Options()
  ) throws -> TargetReplay {
    let ids = try options.fills.map { _ in try TapeIds(besides: recording.path) }
    let recorded = try recording.lastSequence()
    let last = min(options.through, recorded)
    var source = try ReplaySource.open(recording)
    let target = try ReplayTarget(address)
    var feeder = TargetFeeder(reader: try recording.reader(), target: target, address: address)
    var collector = ids.map { _ in FillCollector() }
    var progress = Progress("replay", total: Int(clamping: last), isSilent: options.isSilent)
    let start = SteadyClock.now
    var pacer = options.pace.pacer()
    var difference: String?
    var compared: UInt64 = 0
    do {
      try feeder.begin()
      var end = min(last, max(1, feeder.behind))
      while difference == nil {
        if end > source.replayer.kernel.sequence {
          try source.replay(through: end, collector: &collector, progress: &progress)
        }
        try feeder.feed(through: end, &pacer)
        difference = try feeder.compareDigest(source.replayer.digest, since: compared, through: end)
        if end >= last { break }
        compared = end
        end = min(last, end + max(1, options.interval))
      }
      // What the recording says behind its last command.
      if difference == nil && last == recorded {
        try source.replay(through: .max, collector: &collector, progress: &progress)
      }
    } catch StorageError.diverged(let sequence, let reason) {
      difference = "sequence \(sequence), in this program's own kernel: \(reason)"
    }
    let hash = Storage.stateHash(of: source.replayer.kernel).hash
    if difference == nil { difference = try feeder.compareState(hash) }
    progress.finish()
    return TargetReplay(
      commands: feeder.sent, sequence: source.replayer.kernel.sequence, seconds: SteadyClock.now - start,
      digest: source.replayer.digest, stateHash: hash, firstDifference: difference,
      fills: ids.map { FillComparison(published: options.fills ?? [], actual: collector?.fills($0) ?? []) })
  }
}

/// Sends the commands of a recording to a replay target and compares what the target says of itself.
private struct TargetFeeder: ~Copyable {
  private(set) var sent: UInt64 = 0
  /// The target's last command when the replay began.
  private(set) var behind: UInt64 = 0
  private let address: Address
  private var reader: JournalReader
  private var target: ReplayTarget
  private var lastSequence: UInt64 = 0

  init(reader: consuming JournalReader, target: ReplayTarget, address: Address) {
    self.reader = reader
    self.target = target
    self.address = address
  }

  /// Sends the first command. A target that has it already says which one it wants; the replay then goes on there.
  mutating func begin() throws {
    do {
      guard let record = try reader.next() else { throw TapeError("the recording holds no commands") }
      try target.send(record.frame, key: record.key, time: record.time, sequence: record.sequence)
      _ = try target.status(withStateHash: false)
      (sent, lastSequence) = (1, record.sequence)
    } catch ClientError.terminated(.wrongState, let expected) where expected > 1 {
      behind = UInt64(expected) - 1
      target = try ReplayTarget(address)
    }
  }

  /// Sends all commands up to `end` that the target does not have.
  mutating func feed(through end: UInt64, _ pacer: inout Pacer) throws {
    while lastSequence < end, let record = try reader.next() {
      guard record.kind == .input else { continue }
      lastSequence = record.sequence
      guard record.sequence > behind else { continue }
      pacer.wait(for: record.time)
      try target.send(record.frame, key: record.key, time: record.time, sequence: record.sequence)
      sent += 1
    }
  }

  /// What is different after command `end`, if anything; up to `start` all was equal.
  func compareDigest(_ digest: OutputDigest, since start: UInt64, through end: UInt64) throws -> String? {
    let status = try target.status(withStateHash: false)
    guard status.sequence == end else {
      return "the server is at sequence \(status.sequence) after command \(end) was sent"
    }
    if status.outputDigest == digest.value { return nil }
    return
      "sequences \(start + 1) to \(end): the server's outputs have digest \(digestText(status.outputDigest)), the "
      + "recording's \(digestText(digest.value)); --compare-every 1 finds the command"
  }

  /// The same for the state after the last command.
  func compareState(_ hash: Bytes32) throws -> String? {
    let status = try target.status(withStateHash: true)
    if status.stateHash == hash { return nil }
    return "sequence \(status.sequence): the server's state hash is \(hashText(status.stateHash)), "
      + "this kernel's \(hashText(hash))"
  }
}
