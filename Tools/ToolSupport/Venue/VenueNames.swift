import Values

/// What the things of a venue file are called and in which units they are counted, for tools that read and print
/// amounts.
public struct VenueNames: Sendable {
  /// An asset; id 0 is the settlement currency.
  public struct Asset: Equatable, Sendable {
    public let id: AssetId
    public let symbol: String
    /// Decimal digits of its quantum.
    public let digits: Int
    /// Decimal digits of its price unit; prices are in the settlement currency.
    public let priceDigits: Int
  }

  /// A spot pair or perpetual.
  public struct Instrument: Equatable, Sendable {
    public let id: InstrumentId
    public let symbol: String
    /// One price unit, × 10^-12.
    public let priceUnit: Int64
    /// One lot, × 10^-12.
    public let lotSize: Int64
  }

  public internal(set) var venue = ""
  public internal(set) var moneyDigits = 8
  /// The settlement currency comes first.
  public internal(set) var assets: [Asset] = []
  public internal(set) var instruments: [Instrument] = []
  /// As the file has them: relative to it.
  public internal(set) var keyFiles: [KeyId: String] = [:]

  public init() {}

  public func asset(_ id: AssetId) -> Asset? { assets.first { $0.id == id } }
  public func asset(named symbol: String) -> Asset? { assets.first { $0.symbol == symbol } }
  public func instrument(_ id: InstrumentId) -> Instrument? { instruments.first { $0.id == id } }
  public func instrument(named symbol: String) -> Instrument? { instruments.first { $0.symbol == symbol } }
}
