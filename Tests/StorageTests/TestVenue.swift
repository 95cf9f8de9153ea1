import Kernel
import Values
import Wire

@testable import Storage

/// A small market whose commands a test can number: staff, two traders with money, one perpetual, then orders that
/// trade, cancels, marks that move and ticks.
enum TestVenue {
  static let definition = DefineVenue(
    requestId: 1, venueId: 77, name: "TEST", assets: 4, schedules: 4, instruments: 4, accounts: 16, keys: 8,
    positions: 64, balances: 64, orders: 256, ordersPerAccount: 100, workPerTick: 16, auditInterval: 0,
    moneyDigits: 8)

  private static let setup: [(key: UInt32, frame: [UInt8])] = [
    (0, encoded(definition)),
    (0, encoded(DefineKey(requestId: 2, key: KeyId(1), master: .none, publicKey: Bytes32(), roles: staff))),
    (
      1,
      encoded(
        DefineAsset(
          requestId: 3, asset: AssetId(1), symbol: "COIN", digits: 0, priceScale: 0, haircutMaintenance: .none,
          haircutInitial: .none, debtAddonMaintenance: .zero, debtAddonInitial: .zero))
    ),
    (1, account(1, request: 4)),
    (1, account(2, request: 5)),
    (0, encoded(DefineKey(requestId: 6, key: KeyId(11), master: MasterId(1), publicKey: Bytes32(), roles: .trader))),
    (0, encoded(DefineKey(requestId: 7, key: KeyId(12), master: MasterId(2), publicKey: Bytes32(), roles: .trader))),
    (
      1,
      encoded(Deposit(requestId: 8, account: AccountId(1), asset: .settlement, amount: Money(Int64(1_000_000_000_000))))
    ),
    (
      1,
      encoded(Deposit(requestId: 9, account: AccountId(2), asset: .settlement, amount: Money(Int64(1_000_000_000_000))))
    ),
    (
      1,
      encoded(
        DefineInstrument(
          requestId: 10, instrument: InstrumentId(1), kind: .perpetual, base: AssetId(1), quote: .settlement,
          symbol: "PERP", priceUnit: 1_000_000_000_000, lotSize: 1_000_000_000_000, maximumPrice: Price(0),
          priceBand: .zero, maximumOrder: .zero, positionLimit: .zero, makerFee: .zero, takerFee: .zero))
    ),
    (
      1,
      encoded(
        SetMarginParameters(
          requestId: 11, instrument: InstrumentId(1), maintenanceTiers: .none, initialTiers: .none,
          maintenanceBase: Rate(50_000_000), initialBase: Rate(100_000_000), sizeFactor: .zero,
          maintenanceVolatility: .zero, initialVolatility: .zero, volatilityRatio: Rate(1_100_000_000),
          profitWeight: .one, liquidationFee: .zero, maximumSlippage: .zero))
    ),
    (1, encoded(MarkPrice(requestId: 12, price: Price(100), instrument: InstrumentId(1)))),
    (1, encoded(SetPhase(requestId: 13, instrument: InstrumentId(1), phase: .continuous))),
  ]

  private static var staff: Roles { .all.subtracting([.trader, .firmAdmin]) }

  private static func account(_ id: UInt32, request: UInt64) -> [UInt8] {
    encoded(
      CreateAccount(
        requestId: request, account: AccountId(id), master: MasterId(id), parent: .none, isolatedInstrument: .none,
        multiplier: .one, leverageCap: 0, mode: .standard, flags: []))
  }

  static func encoded(_ message: some Message) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: type(of: message).frameLength)
    frame.withUnsafeMutableBytes { if let base = $0.baseAddress { message.encode(to: base) } }
    return frame
  }

  /// Who sends command `sequence`.
  static func key(_ sequence: UInt64) -> KeyId {
    if sequence <= setup.count { return KeyId(setup[Int(sequence) - 1].key) }
    if sequence % 5 == 0 { return .venue }
    return KeyId(sequence % 7 == 0 ? 1 : 11 + UInt32(sequence % 2))
  }

  /// The frame of command `sequence`.
  static func frame(_ sequence: UInt64) -> [UInt8] {
    if sequence <= setup.count { return setup[Int(sequence) - 1].frame }
    if sequence % 5 == 0 { return encoded(Tick(work: 16)) }
    if sequence % 7 == 0 {
      let price = Price(Int64(98 + sequence % 6))
      return encoded(MarkPrice(requestId: sequence, price: price, instrument: InstrumentId(1)))
    }
    return encoded(
      NewOrder(
        requestId: sequence, account: AccountId(1 + UInt32(sequence % 2)), instrument: InstrumentId(1),
        price: Price(Int64(97 + sequence * 3 % 7)), quantity: Quantity(Int64(1 + sequence % 9)), display: .zero,
        side: sequence % 4 < 2 ? .buy : .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
        selfTradePrevention: .cancelNewest))
  }

  static func time(_ sequence: UInt64) -> Timestamp { Timestamp(1_000_000 + Int64(sequence) * 1_000) }
}

/// A frame that went out: to whom, and its bytes.
struct Report: Equatable {
  var key: UInt32
  var frame: [UInt8]
}

extension Recovered {
  /// Journals and applies the venue's commands up to `last`, `perBatch` in a commit; returns what the kernel sent.
  mutating func run(to last: UInt64, perBatch: Int) throws -> [Report] {
    var reports: [Report] = []
    var output = Output()
    var open = 0
    while kernel.sequence < last {
      let sequence = kernel.sequence + 1
      let frame = TestVenue.frame(sequence)
      frame.withUnsafeBytes { bytes in
        journal.append(bytes, key: TestVenue.key(sequence), sequence: sequence, time: TestVenue.time(sequence))
        output.clear()
        kernel.apply(Frame(bytes), key: TestVenue.key(sequence), time: TestVenue.time(sequence), output: &output)
      }
      var digest = journal.outputDigest
      output.forEachFrame { key, bytes in
        digest.add(key: key, frame: bytes)
        reports.append(Report(key: key.rawValue, frame: Array(bytes)))
      }
      journal.outputDigest = digest
      open += 1
      if open == perBatch || sequence == last {
        try journal.commit()
        open = 0
      }
    }
    return reports
  }
}

/// What a test compares two venues by.
struct Fingerprint: Equatable {
  var sequence: UInt64
  var hash: Bytes32
  var output: OutputDigest
  var logChain: Bytes32

  init(_ venue: borrowing Recovered) {
    sequence = venue.kernel.sequence
    hash = stateHash(of: venue.kernel).hash
    output = venue.journal.outputDigest
    logChain = venue.journal.state.logChain
  }
}

/// The venue run without any fault to `last` in a directory of its own.
func undisturbed(to last: UInt64, perBatch: Int) throws -> Fingerprint {
  let directory = TestDirectory()
  let data = try DataDirectory(directory.path)
  var venue = try data.create(venue: TestVenue.definition, options: .init(durability: .os))
  _ = try venue.run(to: last, perBatch: perBatch)
  return Fingerprint(venue)
}

extension Recovered {
  /// Stops cleanly.
  consuming func stop() throws { try journal.close() }
}
