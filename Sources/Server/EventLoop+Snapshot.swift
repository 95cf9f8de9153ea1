import CLinux
import Glibc
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
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return giveUp(sequence, requests, String(cString: strerror(errno))) }
    let startedAt = Clock.monotonic
    let process = lockstep_fork_helper(ends[1])
    if process == 0 { helperMain(result: ends[1]) }
    close(ends[1])
    guard process > 0 else {
      close(ends[0])
      return giveUp(sequence, requests, String(cString: strerror(-process)))
    }
    do { try epoll.add(ends[0], .readable) } catch {
      kill(process, SIGKILL)
      close(ends[0])
      waitpid(process, nil, 0)
      return giveUp(sequence, requests, "\(error)")
    }
    snapshots.descriptor = ends[0]
    snapshots.helper = SnapshotSchedule.Helper(
      process: process, sequence: sequence, startedAt: startedAt, requests: requests)
    log.info("snapshot of sequence \(sequence) begun, pause \((Clock.monotonic - startedAt) / 1000) µs")
  }

  /// The child: writes the snapshot, then its result (a SnapshotTaken frame, or a sentence) into the pipe.
  private mutating func helperMain(result descriptor: Int32) -> Never {
    do throws(StorageError) {
      let written = try venue.writeSnapshot(sessions: sessions)
      let message = SnapshotTaken(
        sequence: written.header.log.sequence, bytes: written.fileBytes, microseconds: 0,
        stateHash: written.header.stateHash, requestId: 0)
      withUnsafeTemporaryAllocation(byteCount: SnapshotTaken.frameLength, alignment: 8) { frame in
        message.encode(to: frame.baseAddress!)
        _ = write(descriptor, frame.baseAddress, frame.count)
      }
    } catch {
      let text = Array(error.description.utf8)
      _ = write(descriptor, text, text.count)
    }
    _exit(0)
  }

  /// Takes the helper's result and tells those who asked.
  mutating func finishSnapshot() {
    guard let helper = snapshots.helper else { return }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(snapshots.descriptor, &bytes, bytes.count)
    epoll.remove(snapshots.descriptor)
    close(snapshots.descriptor)
    waitpid(helper.process, nil, 0)
    snapshots.descriptor = -1
    snapshots.helper = nil
    guard count == SnapshotTaken.frameLength else {
      let text = count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : "the helper process died"
      return giveUp(helper.sequence, helper.requests, text)
    }
    var taken = bytes[..<count].withUnsafeBytes { Frame($0).decode(SnapshotTaken.self) }
    taken.microseconds = (Clock.monotonic - helper.startedAt) / 1000
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
