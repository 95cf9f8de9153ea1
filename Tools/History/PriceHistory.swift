/// Hourly closing prices, oldest first.
public struct PriceHistory: Sendable {
  public struct Hour: Equatable, Sendable {
    /// Seconds since the Unix epoch at which the hour begins.
    public let start: Int64
    /// Closing price in cents.
    public let close: Int64

    public init(start: Int64, close: Int64) {
      self.start = start
      self.close = close
    }
  }

  public struct Problem: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  public let hours: [Hour]

  /// Hours in any order; those that come twice are taken once.
  public init(_ hours: [Hour]) {
    var sorted = hours.sorted { $0.start < $1.start }
    if !sorted.isEmpty {
      var kept = 1
      for index in 1..<max(1, sorted.count) where sorted[index].start != sorted[kept - 1].start {
        sorted[kept] = sorted[index]
        kept += 1
      }
      sorted.removeLast(sorted.count - kept)
    }
    self.hours = sorted
  }

  /// Reads CSV with a header line that names at least `unix` (seconds or milliseconds) and `close`.
  public init(csv text: some StringProtocol) throws(Problem) {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let header = lines.first else { throw Problem(description: "the file is empty") }
    let names = header.split(separator: ",", omittingEmptySubsequences: false)
    guard let time = names.firstIndex(of: "unix"), let close = names.firstIndex(of: "close") else {
      throw Problem(description: "the header line does not name the columns unix and close")
    }
    var hours: [Hour] = []
    hours.reserveCapacity(lines.count)
    for (index, line) in lines.enumerated().dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == names.count, let seconds = Int64(fields[time].prefix { $0 != "." }),
        let price = Self.cents(fields[close]), price > 0
      else { throw Problem(description: "line \(index + 1) is not a price: \(line)") }
      hours.append(Hour(start: seconds > 100_000_000_000 ? seconds / 1000 : seconds, close: price))
    }
    self.init(hours)
  }

  /// A decimal price in cents, cut off after two decimals.
  static func cents(_ text: some StringProtocol) -> Int64? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = Int64(parts[0]), whole >= 0, whole < 1 << 50 else { return nil }
    let decimals = parts.count > 1 ? parts[1].prefix(2) : ""
    guard decimals.allSatisfy(\.isNumber), let fraction = Int64((decimals + "00").prefix(2)) else { return nil }
    return whole * 100 + fraction
  }

  /// Seconds at which a day such as `2020-03-08` begins (UTC), or `nil`.
  public static func seconds(ofDay text: String) -> Int64? {
    let parts = text.split(separator: "-").compactMap { Int64($0) }
    guard parts.count == 3, (1970...9999).contains(parts[0]), (1...12).contains(parts[1]), (1...31).contains(parts[2])
    else { return nil }
    // Days since 1970-01-01 after Howard Hinnant's algorithm.
    let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
    let dayOfYear = (153 * (parts[1] + (parts[1] > 2 ? -3 : 9)) + 2) / 5 + parts[2] - 1
    let (era, yearOfEra) = year.quotientAndRemainder(dividingBy: 400)
    return (era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468) * 86_400
  }
}
