import Values

/// Points in time as people write them: `2026-12-25T08:00:00Z`. Universal time only, whole seconds.
public enum UtcTime {
  /// The time that `text` names; `nil` when it is not written that way or there is no such day.
  public static func parse(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")]
    guard bytes.count == 20, marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }) else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int(byte) - 48
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), (1970...2200).contains(year),
      (1...12).contains(month),
      day >= 1, day <= days(in: month, of: year), hour < 24, minute < 60, second < 60
    else { return nil }
    var passed = 0
    for earlier in 1970..<year { passed += isLeap(earlier) ? 366 : 365 }
    for earlier in 1..<month { passed += days(in: earlier, of: year) }
    let seconds = ((passed + day - 1) * 24 + hour) * 3600 + minute * 60 + second
    return Timestamp(Int64(seconds) * 1_000_000_000)
  }

  /// The text of a time, cut to whole seconds.
  public static func format(_ time: Timestamp) -> String {
    let seconds = Int(max(0, time.rawValue) / 1_000_000_000)
    var (rest, year, month) = (seconds / 86_400, 1970, 1)
    while rest >= (isLeap(year) ? 366 : 365) {
      rest -= isLeap(year) ? 366 : 365
      year += 1
    }
    while rest >= days(in: month, of: year) {
      rest -= days(in: month, of: year)
      month += 1
    }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = seconds % 86_400
    return "\(year)-\(two(month))-\(two(rest + 1))T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))Z"
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func days(in month: Int, of year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }
}
