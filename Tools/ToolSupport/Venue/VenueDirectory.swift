import Client
import Values
import Wire

/// Names and units of a running venue: what the venue itself tells, completed by its file where that is at hand.
public struct VenueDirectory: Sendable {
  public let instruments: [InstrumentReport]
  private let names: VenueNames

  /// - Parameters:
  ///   - instruments: As the venue reports them.
  ///   - names: From the venue file; empty when there is none.
  public init(instruments: [InstrumentReport], names: VenueNames = VenueNames()) {
    self.instruments = instruments.sorted { $0.instrument < $1.instrument }
    self.names = names
  }

  /// Decimal digits of the money quantum: from the venue file, or from any instrument quoted in the settlement currency
  /// (its multiplier is price unit × lot size in quanta); `nil` when neither is there.
  public var moneyDigits: Int? {
    if !names.assets.isEmpty { return names.moneyDigits }
    guard let instrument = instruments.first(where: { $0.quote == .settlement }) else { return nil }
    var product = Int128(instrument.priceUnit) * Int128(instrument.lotSize)
    var digits = 24
    while digits > 0, product > instrument.multiplier.rawValue {
      product /= 10
      digits -= 1
    }
    return digits
  }

  /// Money as text, with 8 digits when the venue's are not known.
  public var amounts: Amounts { Amounts(moneyDigits: moneyDigits ?? 8) }

  /// The instrument with that symbol or id.
  public func instrument(_ text: String) throws(FrameTextError) -> InstrumentReport {
    if let found = instruments.first(where: { "\($0.symbol)" == text }) { return found }
    if let id = UInt32(text), let found = instruments.first(where: { $0.instrument.rawValue == id }) { return found }
    let symbols = instruments.map { "\($0.symbol)" }
    let hint = suggestion(for: text, among: symbols).map { " Did you mean \($0)?" } ?? ""
    throw FrameTextError("There is no instrument “\(text)”.\(hint) Known: \(symbols.joined(separator: ", ")).")
  }

  /// Symbol of an instrument, or its number.
  public func name(of id: InstrumentId) -> String {
    instruments.first { $0.instrument == id }.map { "\($0.symbol)" } ?? "\(id.rawValue)"
  }

  public func report(of id: InstrumentId) -> InstrumentReport? { instruments.first { $0.instrument == id } }

  /// A price of an instrument.
  public func price(_ price: Price?, of id: InstrumentId) -> String {
    guard let price else { return "–" }
    guard let report = report(of: id) else { return Decimal.format(price.rawValue) }
    return Amounts.multiple(price.rawValue, of: report.priceUnit)
  }

  /// Lots of an instrument, in units of its base asset.
  public func size(_ lots: Quantity, of id: InstrumentId) -> String {
    guard let report = report(of: id) else { return Decimal.format(lots.rawValue) }
    return Amounts.multiple(lots.rawValue, of: report.lotSize)
  }

  // MARK: Assets

  /// The asset with that symbol or id.
  public func asset(_ text: String) throws(FrameTextError) -> AssetId {
    if let found = names.asset(named: text) { return found.id }
    if let id = UInt16(text) { return AssetId(id) }
    let known = names.assets.map(\.symbol)
    throw FrameTextError(
      known.isEmpty
        ? "The name of an asset is only known with the venue's file: give --config FILE, or its number."
        : "There is no asset “\(text)”. Known: \(known.joined(separator: ", ")).")
  }

  public func name(of asset: AssetId) -> String {
    names.asset(asset)?.symbol ?? (asset == .settlement ? "settlement" : "\(asset.rawValue)")
  }

  /// Decimal digits of the quantum of an asset; `nil` when they are not known.
  public func digits(of asset: AssetId) -> Int? { asset == .settlement ? moneyDigits : names.asset(asset)?.digits }

  /// An amount of an asset: in its units, or in quanta when its digits are not known.
  public func amount(_ value: Money, of asset: AssetId) -> String {
    guard let digits = digits(of: asset) else { return Decimal.format(value.rawValue, digits: 0) + " quanta" }
    return Amounts.quanta(value, digits: digits)
  }

  /// Quanta of an amount given as text in units of the asset.
  public func quanta(_ text: String, of asset: AssetId) throws(FrameTextError) -> Money {
    guard let digits = digits(of: asset) else {
      throw FrameTextError(
        "The digits of asset \(asset.rawValue) are only known with the venue's file: give --config FILE.")
    }
    return Money(try read(text, digits: digits, what: "amount"))
  }

  /// An index price in the settlement currency, or in price units of the asset when its digits are not known.
  public func price(_ price: Price?, of asset: AssetId) -> String {
    guard let price else { return "–" }
    guard let digits = names.asset(asset)?.priceDigits else { return Decimal.format(price.rawValue) }
    return Decimal.format(Int128(price.rawValue), digits: digits)
  }

  /// An index price given as text in the settlement currency.
  public func indexPrice(_ text: String, of asset: AssetId) throws(FrameTextError) -> Price {
    guard let digits = names.asset(asset)?.priceDigits else {
      throw FrameTextError(
        "The price digits of asset \(asset.rawValue) are only known with the venue's file: give --config FILE.")
    }
    return Price(try read(text, digits: digits, what: "price"))
  }

  /// A price of an instrument given as text.
  public func price(_ text: String, of instrument: InstrumentReport) throws(FrameTextError) -> Price {
    do throws(Decimal.Problem) {
      return Price(try Amounts.count(text, of: instrument.priceUnit))
    } catch {
      let unit = Amounts.multiple(1, of: instrument.priceUnit)
      throw FrameTextError("“\(text)” is not a price of \(instrument.symbol): it should be a multiple of \(unit).")
    }
  }

  private func read(_ text: String, digits: Int, what: String) throws(FrameTextError) -> Int64 {
    do throws(Decimal.Problem) {
      if let number = Int64(exactly: try Decimal.parse(text, digits: digits)) { return number }
      throw .outOfRange
    } catch {
      throw FrameTextError("“\(text)” is not an \(what) with at most \(digits) decimals.")
    }
  }
}
