import Storage
import Values
import Wire

/// A recording applied to a kernel: outputs (of a capture), digests (of a journal) and states (at snapshots) compared.
public struct OfflineReplay: Sendable {
  public let path: String
  /// Commands applied.
  public let commands: UInt64
  /// The last of them.
  public let sequence: UInt64
  public let seconds: Double
  public let digest: OutputDigest
  public let stateHash: Bytes32
  /// Sequences of the snapshots whose state hash was met.
  public let matchedSnapshots: [UInt64]
  /// Bytes of a torn tail that were left out; 0: the recording ends cleanly, or was not read to its end.
  public let tornBytes: UInt64
  /// The first thing that came out differently than recorded.
  public let firstDifference: String?
  /// With published fills: how they compare.
  public let fills: FillComparison?

  /// Whether everything came out as recorded, and as published.
  public var isExact: Bool { firstDifference == nil && fills?.isExact != false }

  /// What to replay, and how far.
  public struct Options: Sendable {
    /// Stop after this command.
    public var through = UInt64.max
    /// State before a recording that begins later.
    public var snapshot: String?
    /// Hash that the state must have at the end.
    public var expectedHash: Bytes32?
    /// Published fills, to compare with those of an imported capture.
    public var fills: [TapeFill]?
    public var isSilent = false

    public init() {}
  }

  /// Replays `recording`. Throws when it cannot be read; a difference is a result.
  public static func run(_ recording: Recording, _ options: Options = Options()) throws -> OfflineReplay {
    let ids = try options.fills.map { _ in try TapeIds(besides: recording.path) }
    let last = min(options.through, try recording.lastSequence())
    var source = try ReplaySource.open(recording, snapshot: options.snapshot)
    var collector = ids.map { _ in FillCollector() }
    var progress = Progress("replay", total: Int(clamping: last), isSilent: options.isSilent)
    var matched: [UInt64] = []
    var difference: String?
    let begin = source.replayer.kernel.sequence
    let snapshots = try recording.snapshots().filter { $0.sequence > begin && $0.sequence <= last }
    let start = SteadyClock.now
    do throws(StorageError) {
      for snapshot in snapshots where difference == nil {
        try source.replay(through: snapshot.sequence, collector: &collector, progress: &progress)
        let header = try SnapshotState(loading: snapshot.path).header
        let hash = Storage.stateHash(of: source.replayer.kernel).hash
        if header.stateHash == hash {
          matched.append(snapshot.sequence)
        } else {
          difference =
            "sequence \(snapshot.sequence): the state hash is \(hashText(hash)), that of \(snapshot.path) is "
            + hashText(header.stateHash)
        }
      }
      if difference == nil { try source.replay(through: options.through, collector: &collector, progress: &progress) }
    } catch StorageError.diverged(let sequence, let reason) {
      difference = "sequence \(sequence): \(reason)"
    } catch {
      throw error
    }
    progress.finish()
    let hash = Storage.stateHash(of: source.replayer.kernel).hash
    if difference == nil, let expected = options.expectedHash, expected != hash {
      difference = "the state hash is \(hashText(hash)), expected was \(hashText(expected))"
    }
    return OfflineReplay(
      path: recording.path, commands: source.replayer.applied, sequence: source.replayer.kernel.sequence,
      seconds: SteadyClock.now - start, digest: source.replayer.digest, stateHash: hash, matchedSnapshots: matched,
      tornBytes: source.reader.end?.tornBytes ?? 0, firstDifference: difference,
      fills: ids.map { FillComparison(published: options.fills ?? [], actual: collector?.fills($0) ?? []) })
  }
}

extension ReplaySource {
  /// Goes on up to `last`, its outputs included; fills go to `collector`.
  mutating func replay(
    through last: UInt64, collector: inout FillCollector?, progress: inout Progress
  ) throws(StorageError) {
    _ = try replayer.replay(&reader, through: last) { key, bytes in
      collector?.take(Frame(bytes), for: key)
    } progress: {
      progress.show(Int(clamping: $0.sequence))
    }
  }
}
