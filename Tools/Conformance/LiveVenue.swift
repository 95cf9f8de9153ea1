import Client
import Glibc
import Synchronization
import Values
import Wire

/// A running server, on which each script defines instruments, accounts and keys of its own.
final class LiveVenue: ScriptVenue {
  /// How long reports may take.
  private static let patience: Duration = .seconds(5)

  let publicKey: String
  let isPrivate = false
  private let address: String
  private let keyPair: KeyPair
  private let administrator: KeyId
  private var sessions: [KeyId: LiveSession] = [:]

  init(address: String, administrator: KeyId, keyPair: KeyPair) throws {
    self.address = address
    self.administrator = administrator
    let scriptKeys = KeyPair.generate()
    publicKey = scriptKeys.publicKey.hexadecimal
    self.keyPair = scriptKeys
    sessions[administrator] = try LiveSession(address, administrator, keyPair, skipsHistory: true)
  }

  /// Nanoseconds since the epoch, by the clock of this machine.
  var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  func send(_ frame: [UInt8], from key: KeyId, isQuery: Bool, keepsId: Bool) throws -> UInt64 {
    let session = try session(of: key)
    return isQuery ? try session.client.ask(queryFrame: frame) : try session.client.send(requestFrame: frame)
  }

  func collect(_ expected: [KeyId: Int]) throws -> [Received] {
    for (key, count) in expected { try session(of: key).wait(for: count, within: LiveVenue.patience) }
    var received: [Received] = []
    for session in sessions.values.sorted(by: { $0.key < $1.key }) { received += try session.take() }
    return received
  }

  func open(_ key: KeyId) throws {
    if sessions[key] == nil { sessions[key] = try LiveSession(address, key, keyPair, skipsHistory: false) }
  }

  func pass(to time: Int64) { preconditionFailure("scripts that move the clock are not run on a running server") }
  func connect(_ key: KeyId, window: UInt32) { preconditionFailure("sessions follow the clock") }
  func disconnect(_ key: KeyId) { preconditionFailure("sessions follow the clock") }

  /// Ends the sessions of a script; that of the administrator goes on.
  func finishScript() {
    for (key, session) in sessions where key != administrator {
      session.client.disconnect()
      sessions[key] = nil
    }
  }

  func close() {
    for session in sessions.values { session.client.disconnect() }
    sessions = [:]
  }

  private func session(of key: KeyId) throws -> LiveSession {
    guard let session = sessions[key] else { throw ClientError.notConnected }
    return session
  }
}

/// A session of one key.
private final class LiveSession {
  let key: KeyId
  let client: Client
  private let inbox = Inbox()
  private var lastBarrier = ContinuousClock.now

  /// `skipsHistory`: reports of earlier sessions are not asked for.
  init(_ address: String, _ key: KeyId, _ keyPair: KeyPair, skipsHistory: Bool) throws {
    self.key = key
    var settings = ClientSettings()
    settings.name = "lockstep-conform"
    settings.keepAlive = .seconds(60)
    var session = ClientSession(key: key, keyPair: keyPair, settings: settings)
    let inbox = inbox
    session.onFrame = { frame in inbox.take(frame) }
    client = Client(session, to: try Address(address))
    try client.reconnect(within: .seconds(30))
    if skipsHistory {
      try barrier()
      inbox.clear()
    }
  }

  /// Waits until so many frames are there, or the time is up.
  func wait(for count: Int, within patience: Duration) throws {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    while inbox.count < count && clock.now < deadline {
      try check(try client.next(timeout: .milliseconds(100)))
    }
  }

  /// All that has come by now.
  func take() throws -> [Received] {
    try barrier()
    return inbox.clear().map { Received(key: key, bytes: $0) }
  }

  /// Asks for something and waits for the answer: what the venue had to say before has come then.
  ///
  /// A server takes a hundred queries a second of a session, those of the scripts among them: these are spaced, so that
  /// none is throttled.
  private func barrier() throws {
    if ContinuousClock.now < lastBarrier + .milliseconds(15) { usleep(15_000) }
    lastBarrier = .now
    let query = try client.ask(QueryStatus(queryId: 0, withStateHash: false))
    inbox.ignore(query: query)
    while true {
      let event = try client.next(timeout: .seconds(10))
      guard let event else { throw ClientError.timedOut("waiting for the answer to a query") }
      try check(event)
      if case .queryEnd(let end) = event, end.queryId == query { return }
    }
  }

  private func check(_ event: Event?) throws {
    switch event {
    case .terminated(let message): throw ClientError.terminated(message.reason, detail: message.detail)
    case .disconnected(let error): throw error
    default: break
    }
  }
}

/// Reports and answers as they come. Only ever used by one thread; the lock is for the compiler.
private final class Inbox: Sendable {
  private let state = Mutex<(frames: [[UInt8]], ignored: UInt64)>(([], 0))

  var count: Int { state.withLock { $0.frames.count } }

  /// The answers to this query are none that count.
  func ignore(query: UInt64) { state.withLock { $0.ignored = query } }

  func take(_ frame: Frame) {
    let message = frame.template.description
    guard message.isReport || frame.template == .sessionReject else { return }
    let bytes = Array(frame.bytes)
    let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: FrameHeader.length, as: UInt64.self) }
    state.withLock { state in
      if message.fields.first?.name == "queryId" && number == state.ignored { return }
      state.frames.append(bytes)
    }
  }

  @discardableResult
  func clear() -> [[UInt8]] {
    state.withLock { state in
      let frames = state.frames
      state.frames = []
      return frames
    }
  }
}
