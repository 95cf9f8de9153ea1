import CSodium
import Glibc
import Server
import Session
import Synchronization
import Values
import Wire

/// A real server on a loopback port of the system's choice, on a thread of this process.
final class TestServer: Sendable {
  let port: UInt16
  private let control: ServerControl
  private let outcome: Outcome
  let log: LogLines

  /// Lines the server has logged.
  final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    func contains(_ text: String) -> Bool { lines.withLock { $0.contains { $0.contains(text) } } }
    var all: [String] { lines.withLock { $0 } }
  }

  private final class Outcome: Sendable {
    let port = Mutex<UInt16?>(nil)
    let exitCode = Mutex<Int32?>(nil)
  }

  private struct Job: Sendable {
    let configuration: ServerConfiguration
    let control: ServerControl
    let outcome: Outcome
    let log: LogLines
  }

  /// Starts it; `nil` when it stopped before it listened.
  init?(directory: String, replayTarget: Bool = false, change: (inout ServerConfiguration) -> Void = { _ in }) {
    var configuration = ServerConfiguration(
      listen: [ListenEndpoint(address: "127.0.0.1", port: 0)], dataDirectory: directory)
    configuration.genesis = TestVenue.genesis
    configuration.durability = .os
    configuration.pollMode = .block
    configuration.handlesSignals = false
    configuration.replayTarget = replayTarget
    configuration.session.linger = 200_000_000
    change(&configuration)
    control = ServerControl()
    outcome = Outcome()
    log = LogLines()
    let job = Unmanaged.passRetained(
      Box(Job(configuration: configuration, control: control, outcome: outcome, log: log)))
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        let job = Unmanaged<Box<Job>>.fromOpaque(argument!).takeRetainedValue().value
        let code = Server.run(job.configuration, control: job.control, log: Log { job.log.add($0) }) { endpoints in
          job.outcome.port.withLock { $0 = endpoints[0].port }
        }
        job.outcome.exitCode.withLock { $0 = code }
        return nil
      }, job.toOpaque())
    pthread_detach(thread)
    let outcome = outcome
    waitUntil { outcome.port.withLock { $0 != nil } || outcome.exitCode.withLock { $0 != nil } }
    guard let port = outcome.port.withLock({ $0 }) else { return nil }
    self.port = port
  }

  /// Stops it in order; its exit code, `nil` when it does not stop within ten seconds.
  func stop() -> Int32? {
    control.stop()
    return wait()
  }

  /// Its exit code once it has stopped by itself, `nil` when it does not within ten seconds.
  func wait() -> Int32? {
    waitUntil { outcome.exitCode.withLock { $0 != nil } }
    return outcome.exitCode.withLock { $0 }
  }
}

private final class Box<Value: Sendable>: Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// Waits at most ten seconds.
@discardableResult func waitUntil(_ condition: () -> Bool) -> Bool {
  for _ in 0..<5000 {
    if condition() { return true }
    usleep(2000)
  }
  return false
}

/// A directory that goes away with the value.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/lockstep-server-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit {
    for name in names { unlink(path + "/" + name) }
    rmdir(path)
  }

  var names: [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// A copy of the files as they are now: what would be left if the process died.
  func copy() -> TemporaryDirectory {
    let copy = TemporaryDirectory()
    for name in names where name != "lock" {
      let source = open(path + "/" + name, O_RDONLY)
      let target = open(copy.path + "/" + name, O_WRONLY | O_CREAT, 0o600)
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(source, &buffer, buffer.count)
        if count <= 0 { break }
        _ = write(target, buffer, count)
      }
      close(source)
      close(target)
    }
    return copy
  }
}

/// A small venue: a spot pair, two traders with money, and a key that may do everything else.
enum TestVenue {
  static let instrument = InstrumentId(1)
  static let buyer = TestUser(key: KeyId(7), seed: 7, account: AccountId(1))
  static let seller = TestUser(key: KeyId(8), seed: 8, account: AccountId(2))
  static let staff = TestUser(key: KeyId(9), seed: 9, account: .none)

  static var genesis: [[UInt8]] {
    let venue = DefineVenue(
      requestId: 1, venueId: 4711, name: "test", assets: 16, schedules: 16, instruments: 16, accounts: 64, keys: 64,
      positions: 256, balances: 256, orders: 1024, ordersPerAccount: 512, workPerTick: 64, auditInterval: 4,
      moneyDigits: 8)
    var frames = [
      frame(venue),
      frame(
        DefineAsset(
          requestId: 2, asset: AssetId(1), symbol: "BTC", digits: 8, priceScale: 8, haircutMaintenance: .none,
          haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero)),
      frame(
        DefineInstrument(
          requestId: 3, instrument: instrument, kind: .spot, base: AssetId(1), quote: .settlement, symbol: "BTC-USD",
          priceUnit: 10_000_000_000, lotSize: 1_000_000, maximumPrice: Price(0), priceBand: .zero,
          maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero)),
      frame(SetPhase(requestId: 4, instrument: instrument, phase: .continuous)),
    ]
    for (index, user) in [buyer, seller].enumerated() {
      let id = UInt64(10 + 4 * index)
      frames.append(
        frame(
          CreateAccount(
            requestId: id, account: user.account, master: MasterId(user.account.rawValue), parent: .none,
            isolatedInstrument: .none, multiplier: Rate(1_000_000_000), leverageCap: 0, mode: .standard, flags: [])))
      for asset in [AssetId.settlement, AssetId(1)] {
        frames.append(
          frame(Deposit(requestId: id, account: user.account, asset: asset, amount: Money(Int64(1_000_000_000_000)))))
      }
    }
    for user in [buyer, seller, staff] {
      frames.append(
        frame(
          DefineKey(
            requestId: 30, key: user.key, master: MasterId(user.account.rawValue), publicKey: user.publicKey,
            roles: user.account == .none ? Roles.all.subtracting([.trader, .firmAdmin]) : [.trader])))
    }
    return frames
  }
}

/// Somebody with a key.
struct TestUser: Sendable {
  let key: KeyId
  let account: AccountId
  let publicKey: Bytes32
  private let secret: [UInt8]

  init(key: KeyId, seed: UInt8, account: AccountId) {
    self.key = key
    self.account = account
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var secretBytes = [UInt8](repeating: 0, count: 64)
    crypto_sign_seed_keypair(&publicBytes, &secretBytes, [UInt8](repeating: seed, count: 32))
    publicKey = publicBytes.withUnsafeBytes { $0.loadUnaligned(as: Bytes32.self) }
    secret = secretBytes
  }

  func sign(_ challenge: Challenge, _ negotiate: [UInt8]) -> Bytes64 {
    let text = LoginProof.text(
      venueId: challenge.venueId, nonce: challenge.nonce, connectionId: challenge.connectionId, key: key,
      negotiate: negotiate)
    var signature = [UInt8](repeating: 0, count: 64)
    crypto_sign_detached(&signature, nil, text, UInt64(text.count), secret)
    return signature.withUnsafeBytes { $0.loadUnaligned(as: Bytes64.self) }
  }
}

/// The bytes of `message` as one frame.
func frame<M: Message>(_ message: M) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
    message.encode(to: buffer.baseAddress!)
    count = M.frameLength
  }
}
