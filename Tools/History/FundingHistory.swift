/// Funding rates that another venue has published, oldest first.
public struct FundingHistory: Sendable {
  public struct Problem: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// Eight hours, in seconds: the rates are for this time, and exchanged at whole multiples of it.
  public static let period: Int64 = 28_800

  /// Rates in parts per billion, by the time (seconds) at which they were exchanged.
  public let rates: [Int64: Int64]

  public init(_ rates: [Int64: Int64]) { self.rates = rates }

  /// Reads CSV with a header line that names at least `Date`, such as 2020-03-12 16:00:00, and `Funding Rate`, a decimal
  /// number per eight hours.
  ///
  /// Dates are `offset` seconds ahead of UTC; a time within a minute of the exchange counts as that.
  public init(csv text: some StringProtocol, offset: Int64 = 0) throws(Problem) {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let header = lines.first else { throw Problem(description: "the file is empty") }
    let names = header.split(separator: ",", omittingEmptySubsequences: false)
    guard let date = names.firstIndex(of: "Date"), let column = names.firstIndex(of: "Funding Rate") else {
      throw Problem(description: "the header line does not name the columns Date and Funding Rate")
    }
    var rates: [Int64: Int64] = [:]
    for (index, line) in lines.enumerated().dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == names.count, let local = Self.seconds(fields[date]),
        let rate = Self.billionths(fields[column])
      else { throw Problem(description: "line \(index + 1) is not a funding rate: \(line)") }
      let time = (local - offset + 30) / 60 * 60
      guard time.isMultiple(of: Self.period) else {
        throw Problem(
          description: "line \(index + 1): \(fields[date]) is no multiple of eight hours in UTC; is the offset right?")
      }
      guard rates.updateValue(rate, forKey: time) ?? rate == rate else {
        throw Problem(description: "line \(index + 1): there are two rates for \(fields[date])")
      }
    }
    self.rates = rates
  }

  /// Mean of the `count` rates up to `time`, toward zero; those that are missing count as zero.
  func mean(until time: Int64, count: Int64) -> Int64 {
    let last = time / Self.period * Self.period
    return (0..<count).reduce(0) { $0 + (rates[last - $1 * Self.period] ?? 0) } / count
  }

  /// `2020-03-12 16:00:00` with or without a fraction, in seconds since the epoch.
  private static func seconds(_ text: some StringProtocol) -> Int64? {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let day = PriceHistory.seconds(ofDay: String(parts[0])) else { return nil }
    let clock = parts[1].prefix { $0 != "." }.split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0..<60).contains(clock[2])
    else { return nil }
    return day + clock[0] * 3_600 + clock[1] * 60 + clock[2]
  }

  /// A decimal number between −1 and 1 in billionths, cut off after nine decimals.
  static func billionths(_ text: some StringProtocol) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = parts.first, let whole = Int64(head), whole <= 1 else { return nil }
    let decimals = parts.count > 1 ? parts[1].prefix(9) : ""
    guard decimals.allSatisfy(\.isNumber), let fraction = Int64((decimals + "000000000").prefix(9)) else { return nil }
    let rate = whole * 1_000_000_000 + fraction
    return rate > 1_000_000_000 ? nil : isNegative ? -rate : rate
  }
}
