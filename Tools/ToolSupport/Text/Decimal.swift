/// Exact decimal numbers as text: `"27000.5"` with 2 digits is 2,700,050. Never goes through floating point.
public enum Decimal {
  /// Why a text is not the number wanted.
  public enum Problem: Error, Equatable {
    case notANumber
    /// It has more decimals than can be represented.
    case tooPrecise(digits: Int)
    case outOfRange
  }

  /// `text` × 10^`digits`, exactly. Accepts a sign, and `_` or `,` between digits; a `%` at the end divides by 100.
  public static func parse(_ text: some StringProtocol, digits: Int) throws(Problem) -> Int128 {
    var rest = Substring(text)
    let isPercent = rest.last == "%"
    if isPercent { rest = rest.dropLast() }
    let isNegative = rest.first == "-" || rest.first == "−"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts.first.map(plainDigits) ?? nil
    let fraction = parts.count > 1 ? plainDigits(parts[1]) : ""
    guard let whole, let fraction, !whole.isEmpty || !fraction.isEmpty else { throw .notANumber }

    let scale = digits - (isPercent ? 2 : 0)
    let significant = fraction.reversed().drop { $0 == "0" }.reversed()
    let all = whole + String(significant)
    let shift = scale - significant.count
    guard let value = Int128(all.isEmpty ? "0" : all) else { throw .outOfRange }
    guard shift >= 0 || value == 0 else { throw .tooPrecise(digits: digits) }
    var result = value
    for _ in 0..<max(0, shift) {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      if overflow { throw .outOfRange }
      result = product
    }
    return isNegative ? -result : result
  }

  /// Digits without separators; `nil` when there is anything else.
  private static func plainDigits(_ text: Substring) -> String? {
    let digits = text.filter { $0 != "_" && $0 != "," }
    return digits.allSatisfy { $0.isASCII && $0.isNumber } ? String(digits) : nil
  }

  /// `value` / 10^`digits` with thousands separators. Trailing zeros beyond `minimumDigits` decimals are left out.
  public static func format(_ value: Int128, digits: Int, minimumDigits: Int? = nil, grouping: Bool = true) -> String {
    var text = String(value.magnitude)
    if text.count <= digits { text = String(repeating: "0", count: digits + 1 - text.count) + text }
    let whole = text.dropLast(digits)
    var fraction = text.suffix(digits)
    let keep = min(minimumDigits ?? digits, digits)
    while fraction.count > keep, fraction.last == "0" { fraction = fraction.dropLast() }
    let sign = value < 0 ? "-" : ""
    return sign + (grouping ? grouped(whole) : String(whole)) + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// A whole number with thousands separators.
  public static func format(_ value: some BinaryInteger) -> String { format(Int128(value), digits: 0) }

  private static func grouped(_ digits: Substring) -> String {
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
