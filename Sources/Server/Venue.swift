import Kernel
import MarketData
import Storage
import Values
import Wire

/// The kernel with its journal: commands in one order, journaled and applied; what they say is handed on.
///
/// The only place that sequences. Nothing that `sequence` has put into queues may leave before `commit` has returned.
struct Venue: ~Copyable {
  let directory: DataDirectory
  private let host: any Host
  var kernel: Kernel
  var journal: Journal
  var feeds: FeedHub
  private var capture: CaptureWriter?
  /// What the last command, or query, has said.
  var output = Output()
  /// Commands since the last commit, and the bytes they have caused.
  private(set) var batchCommands = 0
  private(set) var batchBytes = 0
  /// Commands until the next account is audited; 0: no audits.
  private var untilAudit: UInt32
  /// What an audit has found: the state cannot be trusted, nothing may be acknowledged any more.
  private var finding: AuditFinding?
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)

  init(
    directory: consuming DataDirectory, recovered: consuming Recovered, feedBytes: Int, capture: String?,
    host: any Host
  ) throws(ServerError) {
    self.directory = directory
    self.host = host
    kernel = recovered.kernel
    journal = recovered.journal
    feeds = FeedHub(lagLimit: feedBytes, startedAt: kernel.time)
    untilAudit = kernel.venue.auditInterval
    if let capture {
      do throws(StorageError) {
        self.capture = try CaptureWriter(
          creating: capture, identity: journal.identity, after: journal.state, files: journal.options.files)
      } catch { throw .storage(error.description) }
    } else {
      self.capture = nil
    }
  }

  /// The time of the next command: later than the last one, else the wall clock.
  var nextTime: Timestamp { max(Timestamp(kernel.time.rawValue + 1), host.wall) }

  /// Sequences one frame of `key` at `time`. What it says is in `output`, and given to `sessions` and the feeds.
  mutating func sequence(_ frame: Frame, key: KeyId, time: Timestamp, sessions: Sessions) {
    apply(frame, key: key, time: time)
    output.forEachFrame { key, bytes in sessions.deliver(bytes, to: key) }
    feeds.publish(output, of: frame.template, kernel: kernel)
  }

  /// Sequences one frame and tells nobody: a replay target.
  mutating func apply(_ frame: Frame, key: KeyId, time: Timestamp) {
    output.clear()
    journal.append(frame.bytes, key: key, sequence: kernel.sequence + 1, time: time)
    kernel.apply(frame, key: key, time: time, output: &output)
    var digest = journal.outputDigest
    var bytes = 0
    output.forEachFrame { key, frame in
      digest.add(key: key, frame: frame)
      bytes += frame.count
    }
    journal.outputDigest = digest
    batchCommands += 1
    batchBytes += bytes + output.events.count * 64
    if untilAudit > 0 { auditWhenDue() }
    if var writer = capture.take() {
      writer.appendInput(frame.bytes, key: key, sequence: kernel.sequence, time: time)
      output.forEachFrame { key, frame in writer.appendOutput(frame, key: key) }
      capture = consume writer
    }
  }

  /// Recomputes one account in full every `auditInterval` commands.
  private mutating func auditWhenDue() {
    untilAudit -= 1
    if untilAudit > 0 { return }
    untilAudit = kernel.venue.auditInterval
    if finding == nil { finding = kernel.auditNext() }
  }

  /// Sequences a message of the venue itself.
  mutating func sequence<M: Message>(_ message: M, sessions: Sessions) {
    message.encode(to: scratch.baseAddress!)
    let frame = Frame(UnsafeRawBufferPointer(start: scratch.baseAddress, count: M.frameLength))
    sequence(frame, key: .venue, time: nextTime, sessions: sessions)
  }

  /// Writes a snapshot, and beside it the reports that `sessions` keeps. Everything sequenced must be committed.
  mutating func writeSnapshot(sessions: Sessions) throws(StorageError) -> SnapshotWritten {
    do throws(StorageError) {
      try ReportStore.write(sessions, in: directory, venueId: kernel.venue.venueId, sequence: kernel.sequence)
    } catch { throw .unexpected(path: directory.path, reason: "the reports cannot be kept: \(error)") }
    let written = try directory.writeSnapshot(of: kernel, journal: &journal)
    ReportStore.prune(directory, keeping: try directory.snapshotSequences())
    return written
  }

  /// Sequence of the newest snapshot in the directory; 0: none.
  var newestSnapshot: UInt64 { (try? directory.snapshotSequences())?.first ?? 0 }

  /// Whether a Tick must come before the next command.
  var needsTick: Bool { kernel.hasPendingWork || nextTime >= kernel.nextDue }

  /// Sequences a Tick.
  mutating func tick(sessions: Sessions) {
    sequence(Tick(work: kernel.venue.workPerTick), sessions: sessions)
  }

  /// Makes everything sequenced as durable as the mode promises. After an error nothing may be sent any more.
  mutating func commit() throws(ServerError) {
    if batchCommands == 0 { return }
    if let finding { throw .audit(finding.description) }
    batchCommands = 0
    batchBytes = 0
    do throws(StorageError) {
      try journal.commit()
      if var writer = capture.take() {
        try writer.commit()
        capture = consume writer
      }
    } catch { throw .storage(error.description) }
  }

  /// Lets the journal write zeros ahead, when nobody waits.
  mutating func prepareAhead() throws(ServerError) {
    do throws(StorageError) { try journal.prepareAhead() } catch { throw .storage(error.description) }
  }

  /// Ends the journal and the capture in order.
  consuming func close() throws(ServerError) {
    scratch.deallocate()
    do throws(StorageError) {
      try journal.close()
      if let writer = capture.take() { try writer.close() }
    } catch { throw .storage(error.description) }
  }
}
