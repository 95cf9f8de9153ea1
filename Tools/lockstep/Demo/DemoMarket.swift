import ToolSupport
import Values

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// The synthetic market: fair prices that wander.
struct DemoMarket {
  /// An instrument that the simulated traders trade.
  struct Instrument {
    let id: InstrumentId
    let symbol: String
    let asset: AssetId
    let isSpot: Bool
    /// Price units and lots per whole unit.
    let unitsPerDollar: Double
    let lotsPerCoin: Double
    /// What a small order is, in coins.
    let usualSize: Double
  }

  let instruments: [Instrument] = [
    Instrument(
      id: InstrumentId(1), symbol: "BTC-PERP", asset: AssetId(1), isSpot: false, unitsPerDollar: 10, lotsPerCoin: 1000,
      usualSize: 0.2),
    Instrument(
      id: InstrumentId(2), symbol: "ETH-PERP", asset: AssetId(2), isSpot: false, unitsPerDollar: 100, lotsPerCoin: 100,
      usualSize: 4),
    Instrument(
      id: InstrumentId(3), symbol: "BTC/USD", asset: AssetId(1), isSpot: true, unitsPerDollar: 100,
      lotsPerCoin: 100_000, usualSize: 0.05),
    Instrument(
      id: InstrumentId(4), symbol: "ETH/USD", asset: AssetId(2), isSpot: true, unitsPerDollar: 100, lotsPerCoin: 10_000,
      usualSize: 1),
  ]

  /// Fair prices in USD, by asset.
  private(set) var fair: [AssetId: Double] = [AssetId(1): 64_000, AssetId(2): 3_200]
  private(set) var slow: [AssetId: Double] = [AssetId(1): 63_800, AssetId(2): 3_190]
  var numbers: SeededNumbers

  init(seed: UInt64) {
    numbers = SeededNumbers(seed: seed)
  }

  /// One step of the walk: a few hundredths of a per cent.
  mutating func step() {
    for asset in [AssetId(1), AssetId(2)] {
      let move = (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &numbers) } / 2
      let price = (fair[asset] ?? 1) * (1 + 0.0003 * move)
      fair[asset] = price
      slow[asset] = (slow[asset] ?? price) * 0.95 + price * 0.05
    }
  }

  /// All fair prices fall by `part`; the slow ones follow by themselves.
  mutating func fall(by part: Double) {
    for asset in fair.keys { fair[asset]? *= 1 - part }
  }

  /// `instrument`'s fair price times `factor`, in its price units.
  func price(of instrument: Instrument, times factor: Double = 1) -> Price {
    Price(Int64(((fair[instrument.asset] ?? 1) * factor * instrument.unitsPerDollar).rounded()))
  }

  /// An index price, in units of 0.01 USD.
  func index(_ prices: [AssetId: Double], _ asset: AssetId) -> Price {
    Price(Int64(((prices[asset] ?? 1) * 100).rounded()))
  }

  /// A size around the usual one, at least one lot.
  mutating func size(of instrument: Instrument, times factor: Double = 1) -> Quantity {
    let coins = instrument.usualSize * factor * Double.random(in: 0.2...1.8, using: &numbers)
    return Quantity(max(1, Int64(coins * instrument.lotsPerCoin)))
  }
}
