import CSodium
import Values

@testable import Solvency

/// A sequence of numbers that is the same in every run (SplitMix64).
struct TestRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// A venue's liabilities made up for a test: a settlement currency with 8 digits and BTC at 65,000, accounts with
/// balances, debts and positions, fees, and deposits that are what all this adds up to.
struct TestLiabilities {
  var report: SolvencyReport
  var accounts: [SolvencyAccount]

  static let context = SolvencyContext(
    venueId: 77, sequence: 1234, time: Timestamp(1_763_769_600_000_000_000), stateHash: Bytes32(1, 2, 3, 4),
    logChain: Bytes32(5, 6, 7, 8))
  static let seed = SolvencySeed((0..<32).map { UInt8($0) })

  static let settlement = ReportedAsset(
    id: .settlement, symbol: "USD", digits: 8, priceScale: 0, price: ReportedAsset.settlementPrice, deposited: .zero)
  /// 1 satoshi at 65,000.12: 65,000.12 mq.
  static let bitcoin = ReportedAsset(
    id: AssetId(1), symbol: "BTC", digits: 8, priceScale: 2, price: Price(6_500_012), deposited: .zero)

  init(accounts count: Int, random seed: UInt64 = 1, assets: [ReportedAsset] = [settlement, bitcoin]) {
    var random = TestRandom(state: seed)
    accounts = (0..<count).map { index in
      var account = SolvencyAccount(id: AccountId(UInt32(100 + 7 * index)), figures: [])
      account.figures = assets.map { _ in Int128(Int64.random(in: -1_000_000_000...9_000_000_000, using: &random)) }
      account.figures.append(Int128(Int64.random(in: -5_000_000...5_000_000, using: &random)))
      account.figures.append(Self.equity(account.figures, assets))
      account.figures.append(Int128(Int64.random(in: 0...4_000_000, using: &random)))
      return account
    }
    report = SolvencyReport(
      context: Self.context, moneyDigits: 8, assets: assets,
      house: assets.map { HouseBucket(.fees, asset: $0.id, amount: Money(Int128(1000 + Int128($0.id.rawValue)))) })
    balance()
  }

  static func equity(_ figures: [Int128], _ assets: [ReportedAsset]) -> Int128 {
    zip(assets, figures).reduce(figures[assets.count]) { $0 + ($1.0.value(of: $1.1) ?? 0) }
  }

  /// Sets the deposits to what accounts and house have.
  mutating func balance() {
    for (column, asset) in report.assets.enumerated() {
      var total = accounts.reduce(Int128(0)) { $0 + $1.figures[column] }
      if column == 0 { total += accounts.reduce(0) { $0 + $1.figures[report.columns.positions] } }
      for bucket in report.house where bucket.asset == asset.id { total += bucket.amount.rawValue }
      report.assets[column].deposited = Money(total)
    }
  }

  func prover(seed: SolvencySeed = Self.seed, parts: Int = 4) throws -> SolvencyProver {
    try SolvencyProver(report, accounts: accounts, seed: seed, parts: parts, signer: TestKey.venue.signer)
  }
}

/// An Ed25519 key pair of a fixed seed.
struct TestKey: Sendable {
  let signer: ReportSigner
  var publicKey: Bytes32 { signer.publicKey }

  static let venue = TestKey(seed: 7)
  static let other = TestKey(seed: 8)

  private init(seed byte: UInt8) {
    precondition(sodium_init() >= 0)
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var secret = [UInt8](repeating: 0, count: 64)
    crypto_sign_seed_keypair(&publicBytes, &secret, [UInt8](repeating: byte, count: 32))
    let key = secret
    signer = ReportSigner(publicKey: bytes32(publicBytes)) { text in
      var signature = [UInt8](repeating: 0, count: 64)
      crypto_sign_detached(&signature, nil, text, UInt64(text.count), key)
      return Bytes64(low: bytes32(Array(signature[..<32])), high: bytes32(Array(signature[32...])))
    }
  }
}

func bytes32(_ bytes: [UInt8]) -> Bytes32 {
  func word(_ index: Int) -> UInt64 {
    bytes[8 * index..<8 * index + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  }
  return Bytes32(word(0), word(1), word(2), word(3))
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
