import Kernel
import Values

/// One thing that a verification has to say.
public struct Finding: Equatable, Sendable, CustomStringConvertible {
  public enum Severity: String, Sendable {
    /// As it should be.
    case good
    /// Not as it was left, but nothing that was promised is gone.
    case warning
    /// Something that was written is not there as it was written.
    case fault
  }

  public var severity: Severity
  /// File or directory.
  public var path: String
  /// A sentence.
  public var text: String

  public var description: String { "\(severity.rawValue): \(path): \(text)" }
}

/// Checks everything in a data directory, without changing or locking it: every segment by itself, the segments against
/// each other, every snapshot, and all of them against a replay from the oldest point there is.
///
/// Of a directory in use, what is written meanwhile may show as a torn tail. O(all files); memory for two kernels.
public func verify(
  directory: String, in files: any FileSystem = SystemFiles.shared, progress: (ReplayProgress) -> Void = { _ in }
) -> [Finding] {
  var findings: [Finding] = []
  do {
    let segments = try files.segments(in: directory)
    let snapshots = try files.snapshots(in: directory)
    guard !segments.isEmpty else {
      return [Finding(severity: .fault, path: directory, text: "there is no journal in this directory")]
    }
    verifySegments(segments.map(\.path), in: files, findings: &findings)
    let headers = verifySnapshots(snapshots, in: files, findings: &findings)
    verifyReplay(directory, snapshots: headers, in: files, findings: &findings, progress: progress)
  } catch {
    findings.append(Finding(severity: .fault, path: directory, text: "\(error)"))
  }
  return findings
}

/// Reads each segment by itself, so that a fault in one does not hide another, and compares where they meet.
private func verifySegments(_ paths: [String], in files: any FileSystem, findings: inout [Finding]) {
  var previous: LogState?
  for path in paths {
    do {
      var reader = try JournalReader(file: path, in: files)
      let header = reader.header
      if let previous, !header.continues(previous) {
        findings.append(
          Finding(
            severity: .fault, path: path,
            text: "segment \(header.number) from sequence \(header.firstSequence) does not continue segment "
              + "\(previous.segment), which ends at sequence \(previous.sequence)"))
      }
      var batches = 0
      while try reader.nextBatch() { batches += 1 }
      previous = reader.state
      let torn = reader.end?.tornBytes ?? 0
      let content = "sequences \(header.firstSequence) to \(reader.state.sequence), \(batches) batches"
      if torn == 0 {
        findings.append(Finding(severity: .good, path: path, text: content))
      } else {
        let reason = reader.end?.reason ?? ""
        findings.append(
          Finding(
            severity: path == paths.last ? .warning : .fault, path: path,
            text: "\(content), then \(torn) torn bytes at offset \(reader.state.offset): \(reason)"))
      }
    } catch {
      previous = nil
      findings.append(Finding(severity: .fault, path: path, text: "\(error)"))
    }
  }
}

/// Loads each snapshot and returns the headers of the good ones, oldest first.
private func verifySnapshots(
  _ snapshots: [NumberedFile], in files: any FileSystem, findings: inout [Finding]
) -> [SnapshotHeader] {
  var headers: [SnapshotHeader] = []
  for file in snapshots.reversed() {
    do {
      let restored = try RestoredSnapshot(file.path, sequence: file.sequence, in: files)
      let again = stateHash(of: restored.kernel)
      guard again.hash == restored.header.stateHash else {
        findings.append(
          Finding(
            severity: .fault, path: file.path,
            text: "the restored kernel's state hash is \(again.hash.hexadecimal), "
              + "the file's \(restored.header.stateHash.hexadecimal)"))
        continue
      }
      headers.append(restored.header)
      findings.append(
        Finding(
          severity: .good, path: file.path,
          text: "sequence \(file.sequence), state hash \(again.hash.hexadecimal), \(again.bytes) bytes"))
    } catch {
      findings.append(Finding(severity: .fault, path: file.path, text: "\(error)"))
    }
  }
  return headers
}

/// Replays from the start of the journal, or from the oldest good snapshot when the start is gone, and compares all
/// digests and the state at each snapshot.
private func verifyReplay(
  _ directory: String, snapshots: [SnapshotHeader], in files: any FileSystem, findings: inout [Finding],
  progress: (ReplayProgress) -> Void
) {
  do {
    let knownSynced = snapshots.map(\.log.batch).max() ?? 0
    if try files.segments(in: directory).first?.sequence == 1 {
      var reader = try JournalReader(fromStartOf: directory, knownSynced: knownSynced, in: files)
      guard let first = try reader.next() else {
        findings.append(Finding(severity: .warning, path: directory, text: "the journal holds no command yet"))
        return
      }
      var replayer = try Replayer(genesis: first)
      try replayer.take(first)
      try replayPastSnapshots(&replayer, &reader, snapshots, directory, findings: &findings, progress: progress)
    } else if let oldest = snapshots.first {
      let path = directory + "/" + FileName.snapshot(sequence: oldest.log.sequence)
      let restored = try RestoredSnapshot(path, sequence: oldest.log.sequence, in: files)
      var reader = try JournalReader(
        directory: directory, after: oldest.log, knownSynced: knownSynced, in: files)
      var replayer = Replayer(kernel: restored.finished(), digest: oldest.log.output)
      try replayPastSnapshots(
        &replayer, &reader, Array(snapshots.dropFirst()), directory, findings: &findings, progress: progress)
    } else {
      findings.append(
        Finding(
          severity: .fault, path: directory,
          text: "the journal does not begin at sequence 1 and there is no good snapshot: it cannot be replayed"))
    }
  } catch {
    findings.append(Finding(severity: .fault, path: directory, text: "replay: \(error)"))
  }
}

private func replayPastSnapshots(
  _ replayer: inout Replayer, _ reader: inout JournalReader, _ snapshots: [SnapshotHeader], _ directory: String,
  findings: inout [Finding], progress: (ReplayProgress) -> Void
) throws(StorageError) {
  let first = replayer.kernel.sequence
  for snapshot in snapshots {
    let path = directory + "/" + FileName.snapshot(sequence: snapshot.log.sequence)
    _ = try replayer.replay(&reader, through: snapshot.log.sequence, progress: progress)
    guard replayer.kernel.sequence == snapshot.log.sequence else {
      findings.append(
        Finding(
          severity: .fault, path: path,
          text: "the journal ends at sequence \(replayer.kernel.sequence), before this snapshot"))
      continue
    }
    // Batches without commands can follow at the same sequence (a start and a stop in order), up to the snapshot's own.
    while reader.state.batch < snapshot.log.batch, reader.state.sequence == snapshot.log.sequence {
      if try !reader.nextBatch() { break }
    }
    let replayed = stateHash(of: replayer.kernel).hash
    if replayed != snapshot.stateHash {
      findings.append(
        Finding(
          severity: .fault, path: path,
          text: "the replay's state hash at sequence \(snapshot.log.sequence) is \(replayed.hexadecimal)"))
    } else if reader.state != snapshot.log || replayer.digest != snapshot.log.output {
      findings.append(
        Finding(
          severity: .fault, path: path,
          text: "digests, chains or position at sequence \(snapshot.log.sequence) are not those of the journal"))
    } else {
      findings.append(Finding(severity: .good, path: path, text: "equal to the replay at its sequence"))
    }
  }
  _ = try replayer.replay(&reader, progress: progress)
  findings.append(
    Finding(
      severity: .good, path: directory,
      text: "replayed from sequence \(first) to \(replayer.kernel.sequence), all digests equal; output digest "
        + "\(hexadecimal(replayer.digest.value)), state hash \(stateHash(of: replayer.kernel).hash.hexadecimal)"))
}
