import Glibc
import Server
import Synchronization
import Values
import Wire

@testable import Client

/// A server in this process with a small venue: keys 101 and 102, accounts 1 and 2, perpetual 1 with mark 100.
final class RunningVenue {
  private let directory: String
  private var control = ServerControl()
  private var outcome = Outcome()
  private static let seeds: [UInt32: UInt8] = [101: 1, 102: 2]

  /// What the server's thread tells.
  final class Outcome: Sendable {
    let port = Mutex<UInt16?>(nil)
    let code = Mutex<Int32?>(nil)
  }

  struct CouldNotStart: Error {}

  init() {
    var template = Array("/tmp/lockstep-client-XXXXXX".utf8CString)
    directory = String(cString: mkdtemp(&template))
  }

  var address: String { "127.0.0.1:\(outcome.port.withLock { $0 } ?? 0)" }

  func start() throws {
    var configuration = ServerConfiguration(
      listen: [ListenEndpoint(address: "127.0.0.1", port: 0)], dataDirectory: directory)
    configuration.genesis = Self.genesis
    configuration.durability = .os
    configuration.pollMode = .block
    configuration.handlesSignals = false
    control = ServerControl()
    outcome = Outcome()
    let job = Job(configuration: configuration, control: control, outcome: outcome)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        let job = Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue()
        let code = Server.run(job.configuration, control: job.control, log: Log { _ in }) { endpoints in
          job.outcome.port.withLock { $0 = endpoints[0].port }
        }
        job.outcome.code.withLock { $0 = code }
        return nil
      }, Unmanaged.passRetained(job).toOpaque())
    pthread_detach(thread)
    let outcome = outcome
    guard waitUntil({ outcome.port.withLock { $0 != nil } }) else { throw CouldNotStart() }
  }

  /// Stops the server in order and returns its exit code.
  func stop() -> Int32? {
    control.stop()
    let outcome = outcome
    _ = waitUntil { outcome.code.withLock { $0 != nil } }
    return outcome.code.withLock { $0 }
  }

  func client(key: UInt32, continuing session: ClientSession? = nil) throws -> Client {
    let pair = Self.keyPair(key)
    let fresh = ClientSession(
      key: KeyId(key), keyPair: pair, lastReport: session?.lastReport ?? 0, lastRequest: session?.lastRequest ?? 0)
    return Client(fresh, to: try Address(address))
  }

  func remove() {
    if let stream = opendir(directory) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        unlink(directory + "/" + name)
      }
      closedir(stream)
    }
    rmdir(directory)
  }

  private final class Job: Sendable {
    let configuration: ServerConfiguration
    let control: ServerControl
    let outcome: Outcome

    init(configuration: ServerConfiguration, control: ServerControl, outcome: Outcome) {
      self.configuration = configuration
      self.control = control
      self.outcome = outcome
    }
  }

  private static func keyPair(_ key: UInt32) -> KeyPair {
    KeyPair(seed: [UInt8](repeating: seeds[key] ?? 0, count: 32))
  }

  private static var genesis: [[UInt8]] {
    let venue = DefineVenue(
      requestId: 1, venueId: 77, name: "test", assets: 4, schedules: 4, instruments: 4, accounts: 8, keys: 8,
      positions: 32, balances: 32, orders: 4096, ordersPerAccount: 2048, workPerTick: 64, auditInterval: 16,
      moneyDigits: 8)
    let asset = DefineAsset(
      requestId: 2, asset: AssetId(1), symbol: "BTC", digits: 8, priceScale: 2, haircutMaintenance: .none,
      haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero)
    let instrument = DefineInstrument(
      requestId: 3, instrument: InstrumentId(1), kind: .perpetual, base: AssetId(1), quote: .settlement,
      symbol: "BTC-PERP", priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000, maximumPrice: Price(0),
      priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero)
    let margin = SetMarginParameters(
      requestId: 4, instrument: InstrumentId(1), maintenanceTiers: .none, initialTiers: .none,
      maintenanceBase: Rate(25_000_000), initialBase: Rate(50_000_000), sizeFactor: .zero,
      maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
      profitWeight: .one, liquidationFee: .zero, maximumSlippage: .zero)
    var frames = [frame(venue), frame(asset), frame(instrument), frame(margin)]
    for (index, key) in seeds.keys.sorted().enumerated() {
      let number = UInt32(index + 1)
      frames.append(
        frame(
          CreateAccount(
            requestId: 10, account: AccountId(number), master: MasterId(number), parent: .none,
            isolatedInstrument: .none, multiplier: .one, leverageCap: 0, mode: .standard, flags: .mayBorrow)))
      frames.append(
        frame(
          DefineKey(
            requestId: 11, key: KeyId(key), master: MasterId(number), publicKey: keyPair(key).publicKey,
            roles: .trader)))
      frames.append(
        frame(
          Deposit(
            requestId: 12, account: AccountId(number), asset: .settlement, amount: Money(Int64(100_000_000_000_000)))))
    }
    frames.append(frame(MarkPrice(requestId: 20, price: Price(100), instrument: InstrumentId(1))))
    frames.append(frame(SetPhase(requestId: 21, instrument: InstrumentId(1), phase: .continuous)))
    return frames
  }
}

/// Waits at most ten seconds.
private func waitUntil(_ condition: () -> Bool) -> Bool {
  for _ in 0..<5000 {
    if condition() { return true }
    usleep(2000)
  }
  return false
}
