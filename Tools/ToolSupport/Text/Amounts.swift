import Values

/// Prices, lots, rates and money as people write them.
public struct Amounts: Sendable {
  /// Decimal digits of the money quantum.
  public let moneyDigits: Int

  public init(moneyDigits: Int) {
    self.moneyDigits = moneyDigits
  }

  /// Money of the settlement currency, exactly: at least two decimals, no zeros beyond them.
  public func money(_ value: Money) -> String {
    Decimal.format(value.rawValue, digits: moneyDigits, minimumDigits: min(2, moneyDigits))
  }

  /// Money to two decimals, rounded against the reader (down), for narrow columns.
  public func shortMoney(_ value: Money) -> String {
    guard moneyDigits > 2 else { return money(value) }
    var unit: Int128 = 1
    for _ in 0..<moneyDigits - 2 { unit *= 10 }
    return Decimal.format(value.rawValue.dividedRoundingDown(by: unit), digits: 2)
  }

  /// A number of quanta with so many digits.
  public static func quanta(_ value: Money, digits: Int) -> String {
    Decimal.format(value.rawValue, digits: digits, minimumDigits: min(2, digits))
  }

  /// A rate in per cent: `0.5 %`.
  public static func percent(_ rate: Rate) -> String {
    Decimal.format(Int128(rate.rawValue), digits: 7, minimumDigits: 0) + " %"
  }

  /// So many units of `unit` × 10^-12 (a price unit or a lot), with as many decimals as the unit needs.
  public static func multiple(_ count: Int64, of unit: Int64) -> String {
    var digits = 12
    var step = Int128(unit)
    while digits > 0, step % 10 == 0 {
      step /= 10
      digits -= 1
    }
    return Decimal.format(Int128(count) * step, digits: digits)
  }

  /// How many units of `unit` × 10^-12 the decimal `text` is; throws when it is not a whole number of them.
  public static func count(_ text: String, of unit: Int64) throws(Decimal.Problem) -> Int64 {
    let value = try Decimal.parse(text, digits: 12)
    let (count, rest) = value.quotientAndRemainder(dividingBy: Int128(unit))
    guard rest == 0 else { throw .tooPrecise(digits: 12) }
    guard let number = Int64(exactly: count) else { throw .outOfRange }
    return number
  }

  /// The UTC date and time of a logged time: `2026-05-02 09:30:00.123`.
  public static func time(_ time: Timestamp) -> String {
    let seconds = time.rawValue.dividedRoundingDown(by: 1_000_000_000)
    let milliseconds = (time.rawValue - seconds * 1_000_000_000) / 1_000_000
    let days = seconds.dividedRoundingDown(by: 86_400)
    let (year, month, day) = civil(days: days)
    let rest = seconds - days * 86_400
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let fraction = String(repeating: "0", count: 3 - "\(milliseconds)".count) + "\(milliseconds)"
    return "\(year)-\(two(month))-\(two(day)) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)).\(fraction)"
  }

  /// Year, month and day of a day counted from 1970-01-01 (after Howard Hinnant's algorithm).
  private static func civil(days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted.dividedRoundingDown(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
