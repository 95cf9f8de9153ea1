import Kernel
import Storage
import Values
import Wire

/// Looks at what is on the disk while the server is down, and holds it against what the clients know.
///
/// Replays the journal from its first command with a kernel of its own. Everything that a client was told must come out
/// again under the same number; every request in the journal must be one that its key has sent; every state hash the
/// server has told must be that of the replay at its place; and at the end all books, margins and money must add up.
struct Judge {
  /// What a verdict is about.
  struct Verdict {
    /// Commands replayed.
    var commands: UInt64 = 0
    /// Whether the files were found damaged, where that is no fault.
    var hasFoundDamage = false
    /// The first thing wrong.
    var fault: String?
  }

  let disk: SimulatedDisk
  let directory: String
  /// Whether everything that was promised must be there. Not after bits were flipped: what cannot be told from a write
  /// that never completed may be cut, and damage may be found.
  let isPromised: Bool
  /// Commands from this time on are not looked at: what a server adds after it had to cut the end of a journal takes the
  /// sequences of what was cut.
  let until: Timestamp

  func judge(_ clients: [SimulatedClient]) -> Verdict {
    var verdict = Verdict()
    do { try replay(clients, &verdict) } catch {
      // Where bits were flipped, being told of it is what is wanted.
      if isPromised { verdict.fault = verdict.fault ?? "\(error)" } else { verdict.hasFoundDamage = true }
    }
    return verdict
  }

  private func replay(_ clients: [SimulatedClient], _ verdict: inout Verdict) throws(StorageError) {
    // A server that dies before its first commit leaves nothing, and has told nobody anything.
    if clients.allSatisfy({ $0.memory.lastReport == 0 }) && disk.isBlank { return }
    var reader = try JournalReader(directory: directory, in: disk)
    guard let first = try reader.next() else { return }
    var replayer = try Replayer(genesis: first)
    var fault: String?
    var reports = Reports(clients)
    let told = Told(clients)
    try replayer.take(first)
    while let record = try reader.next(), record.time < until {
      if record.kind == .input && fault == nil { fault = reports.judgeInput(record) }
      try replayer.take(record) { key, frame in reports.take(key, frame) }
      if record.kind == .input && fault == nil {
        fault = told.judge(replayer.kernel.sequence, digest: replayer.digest.value) {
          stateHash(of: replayer.kernel).hash
        }
      }
    }
    if until == .never { try replayer.finish() }
    verdict.commands = replayer.applied
    if let finding = replayer.kernel.auditAll() { fault = fault ?? finding.description }
    if isPromised { fault = fault ?? reports.missing }
    verdict.fault = fault ?? reports.fault
  }
}

/// What the clients know of their reports and requests, held against a replay.
private struct Reports {
  private let clients: [KeyId: SimulatedClient]
  /// Reports of each key that the replay has brought.
  private var seen: [KeyId: UInt64] = [:]
  private(set) var fault: String?

  init(_ clients: [SimulatedClient]) {
    self.clients = Dictionary(uniqueKeysWithValues: clients.map { ($0.key, $0) })
  }

  /// What is wrong with a journaled command: a client's that its client has not sent.
  func judgeInput(_ record: Record) -> String? {
    guard record.key != .venue, let client = clients[record.key] else { return nil }
    if client.memory.sent.contains(fingerprint(record.frame)) { return nil }
    return "sequence \(record.sequence) is not a request of key \(record.key.rawValue): "
      + FrameText.describe(Frame(record.frame))
  }

  mutating func take(_ key: KeyId, _ frame: UnsafeRawBufferPointer) {
    guard let client = clients[key], Frame(frame).template.isReport else { return }
    let number = UInt64(littleEndian: frame.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self))
    if number == 0 { return }
    if number != seen[key, default: 0] + 1 {
      note("report \(number) of key \(key.rawValue) follows \(seen[key, default: 0])")
    }
    seen[key] = number
    if let known = client.memory.reports[number], known != fingerprint(frame) {
      note("report \(number) of key \(key.rawValue) is not what was sent: \(FrameText.describe(Frame(frame)))")
    }
  }

  /// A client that was told more than there is.
  var missing: String? {
    for (key, client) in clients.sorted(by: { $0.key < $1.key }) where client.memory.lastReport > seen[key, default: 0]
    {
      return "key \(key.rawValue) was sent report \(client.memory.lastReport), and the journal makes only "
        + "\(seen[key, default: 0])"
    }
    return nil
  }

  private mutating func note(_ text: String) { if fault == nil { fault = text } }
}

/// State hashes that the server has told its clients, by sequence.
private struct Told {
  private var hashes: [UInt64: (state: Bytes32, output: UInt64)] = [:]

  init(_ clients: [SimulatedClient]) {
    for client in clients {
      for status in client.told { hashes[status.sequence] = (status.state, status.output) }
    }
  }

  func judge(_ sequence: UInt64, digest: UInt64, state: () -> Bytes32) -> String? {
    guard let told = hashes[sequence] else { return nil }
    if told.output != digest { return "the output digest told at sequence \(sequence) is not that of the replay" }
    if told.state != state() { return "the state hash told at sequence \(sequence) is not that of the replay" }
    return nil
  }
}
