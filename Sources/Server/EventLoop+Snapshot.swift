import Kernel
import Session
import Storage
import Values
import Wire

// Snapshots: a forked child writes its frozen copy of the state while the market goes on.
extension EventLoop {
  /// Notes a TakeSnapshot that the kernel has accepted.
  mutating func requestSnapshot(_ requestId: UInt64, _ connection: Connection) {
    var isAccepted = false
    venue.output.forEachFrame { _, frame in isAccepted = Frame(frame).template == .requestAccepted }
    if !isAccepted { return }
    snapshots.waiting.append(
      SnapshotRequest(
        key: connection.core.key, connectionId: connection.core.connectionId, requestId: requestId))
  }

  /// Starts a snapshot when one is due. Everything sequenced is committed at this point.
  mutating func startSnapshotWhenDue() {
    let sequence = venue.kernel.sequence
    guard snapshots.isDue(sequence: sequence, now: now) else { return }
    snapshots.noteAttempt(sequence: sequence, now: now)
    let requests = snapshots.waiting
    snapshots.waiting = []
    do { try venue.journal.synchronise() } catch { return giveUp(sequence, requests, "\(error)") }
    let startedAt = host.monotonic
    switch host.startHelper({ helperMain() }) {
    case .started(let handle):
      snapshots.helper = SnapshotSchedule.Running(
        handle: handle, sequence: sequence, startedAt: startedAt, requests: requests)
      log.info("snapshot of sequence \(sequence) begun, pause \((host.monotonic - startedAt) / 1000) µs")
    case .failed(let reason): giveUp(sequence, requests, reason)
    }
  }

  /// The helper: writes the snapshot. Its result is a SnapshotTaken frame, or a sentence.
  private mutating func helperMain() -> [UInt8] {
    do throws(StorageError) {
      let written = try venue.writeSnapshot(sessions: sessions)
      let message = SnapshotTaken(
        sequence: written.header.log.sequence, bytes: written.fileBytes, microseconds: 0,
        stateHash: written.header.stateHash, requestId: 0)
      return [UInt8](unsafeUninitializedCapacity: SnapshotTaken.frameLength) { frame, count in
        message.encode(to: UnsafeMutableRawPointer(frame.baseAddress!))
        count = SnapshotTaken.frameLength
      }
    } catch { return Array(error.description.utf8) }
  }

  /// Takes the helper's result and tells those who asked.
  mutating func finishSnapshot() {
    guard let helper = snapshots.helper else { return }
    let bytes = host.finishHelper(helper.handle)
    snapshots.helper = nil
    guard bytes.count == SnapshotTaken.frameLength else {
      let text = bytes.isEmpty ? "the helper process died" : String(decoding: bytes, as: UTF8.self)
      return giveUp(helper.sequence, helper.requests, text)
    }
    var taken = bytes.withUnsafeBytes { Frame($0).decode(SnapshotTaken.self) }
    taken.microseconds = (host.monotonic - helper.startedAt) / 1000
    snapshots.newest = taken.sequence
    log.info(
      "snapshot of sequence \(taken.sequence) written: \(taken.bytes) bytes in \(taken.microseconds / 1000) ms, "
        + "state hash \(taken.stateHash.hexadecimal)")
    answer(helper.requests, taken)
  }

  /// Logs why there is no snapshot and tells those who asked: a SnapshotTaken of 0 bytes.
  private mutating func giveUp(_ sequence: UInt64, _ requests: [SnapshotRequest], _ reason: String) {
    log.error("snapshot of sequence \(sequence) failed: \(reason)")
    answer(
      requests, SnapshotTaken(sequence: sequence, bytes: 0, microseconds: 0, stateHash: Bytes32(), requestId: 0))
  }

  private mutating func answer(_ requests: [SnapshotRequest], _ outcome: SnapshotTaken) {
    var taken = outcome
    for request in requests {
      guard let connection = sessions.stream(of: request.key).connection,
        connection.core.connectionId == request.connectionId
      else { continue }
      taken.requestId = request.requestId
      connection.core.output.append(taken)
      sessions.markDirty(connection)
    }
  }

  /// The last snapshot, when nobody waits for the loop any more.
  mutating func writeFinalSnapshot() throws(ServerError) {
    if snapshots.newest == venue.kernel.sequence { return }
    do throws(StorageError) {
      let written = try venue.writeSnapshot(sessions: sessions)
      log.info("snapshot of sequence \(written.header.log.sequence) written: \(written.fileBytes) bytes")
    } catch { throw .storage("the last snapshot failed (the journal is complete): \(error)") }
  }
}
