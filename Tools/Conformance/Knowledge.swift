import ToolSupport
import Values
import Wire

/// What is known while a script runs: the ids of names, the values of variables, the time, the digits of money.
struct Knowledge {
  var names: Names
  /// Without the `$`.
  var variables: [String: Int128] = [:]
  /// Nanoseconds since the epoch.
  var now: Int64 = 0
  let moneyDigits: Int

  init(names: Names, moneyDigits: Int) {
    self.names = names
    self.moneyDigits = moneyDigits
  }

  // MARK: Reading

  /// A whole number as it is written for a field: a number, a name, a variable, a time.
  func number(_ text: Substring, of field: FieldDescription) throws(FrameTextError) -> Int128 {
    let type = field.type
    if text.first == "$" || type.name == "timestamp" { return try sum(text, of: field.name) }
    if let plain = Int128(text.filter { $0 != "," && $0 != "_" }) { return plain }
    if let scaled = try scaled(text, of: type) { return scaled }
    if let space = Names.Space(typeName: type.name) {
      if let id = names.id(String(text), in: space) { return Int128(id) }
      let known = names.known(in: space)
      let hint = suggestion(for: String(text), among: known).map { " Did you mean \($0)?" } ?? ""
      throw FrameTextError("\(field.name): there is no \(space.noun) “\(text)” in this script.\(hint)")
    }
    switch type.name {
    case "templateId":
      if let message = Schema.messages.first(where: { $0.name == text }) { return Int128(message.template.rawValue) }
    case "count32": if let id = names.id(String(text), in: .party) { return Int128(id) }
    case "milliseconds": if let span = Self.span(text) { return span / 1_000_000 }
    case "detail": if let detail = detail(text) { return detail }
    default: break
    }
    throw FrameTextError("\(field.name): “\(text)” is not a value of the type \(type.name).")
  }

  /// A point in time as it is written, in nanoseconds since the epoch.
  func time(_ text: Substring) throws(FrameTextError) -> Int128 { try sum(text, of: "time") }

  /// A number with a point or a per cent sign, in units of 1; `nil`: it is not written that way.
  private func scaled(_ text: Substring, of type: TypeDescription) throws(FrameTextError) -> Int128? {
    guard text.contains(".") || text.last == "%", let first = text.first, !first.isLetter else { return nil }
    let digits =
      switch type.name {
      case "money", "accountMargin", "detail": moneyDigits
      case "rate", "billionths": 9
      case "fraction": 12
      default: throw FrameTextError("“\(text)”: a \(type.name) is a whole number.")
      }
    do throws(Decimal.Problem) {
      return try Decimal.parse(text, digits: digits)
    } catch {
      throw FrameTextError("“\(text)” is not a number with at most \(digits) decimals.")
    }
  }

  /// A variable or time, with more or less added: `now+1s`, `$order`, `2026-01-01T00:00:00Z`, `$expiry-1ns`.
  private func sum(_ text: Substring, of name: String) throws(FrameTextError) -> Int128 {
    if let time = UtcTime.parse(String(text)) { return Int128(time.rawValue) }
    if let number = Int128(text.filter { $0 != "," && $0 != "_" }) { return number }
    let sign = text.lastIndex { $0 == "+" || $0 == "-" }
    let base = text[..<(sign ?? text.endIndex)]
    var value: Int128
    if base == "now" {
      value = Int128(now)
    } else if base.first == "$" {
      guard let known = variables[String(base.dropFirst())] else {
        throw FrameTextError("\(name): \(base) has no value yet.")
      }
      value = known
    } else {
      throw FrameTextError("\(name): “\(text)” should be a time such as now+1s or 2026-01-01T00:00:00Z.")
    }
    if let sign {
      let rest = text[text.index(after: sign)...]
      guard let change = Int128(rest) ?? Self.span(rest) else {
        throw FrameTextError("\(name): “\(rest)” is not a number or a span of time such as 10s.")
      }
      value += text[sign] == "+" ? change : -change
    }
    return value
  }

  /// Nanoseconds of a span of time such as `1s`; `nil`: it is none.
  private static func span(_ text: Substring) -> Int128? {
    let units: [(String, Int128)] = [
      ("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000),
      ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int128(number), count < 1 << 62,
      let unit = units.first(where: { $0.0 == text[number.endIndex...] })
    else { return nil }
    return count * unit.1
  }

  /// What a reject reason's detail says by name: an id, a field of a message, choices of a set, a value of an
  /// enumeration.
  private func detail(_ text: Substring) -> Int128? {
    if let point = text.firstIndex(of: ".") {
      let message = Schema.messages.first { $0.name == text[..<point] }
      let field = message?.fields.first { $0.name == text[text.index(after: point)...] }
      return field.map { Int128($0.id) }
    }
    for space in Names.Space.allCases {
      if let id = names.id(String(text), in: space) { return Int128(id) }
    }
    if text.first == "[" && text.last == "]" {
      let choices = text.dropFirst().dropLast().split(separator: " ")
      for type in [TypeDescription.roles, .orderGuards] {
        let codes = choices.compactMap { choice in type.values.first { $0.name == choice }?.code }
        if codes.count == choices.count { return codes.reduce(0) { $0 | 1 << Int128($1) } }
      }
    }
    return TypeDescription.killScope.values.first { $0.name == text }.map { Int128($0.code) }
  }

  // MARK: Writing

  /// A number of a report as a script would have it.
  func text(_ number: Int128, of type: TypeDescription) -> String {
    if let space = Names.Space(typeName: type.name) {
      if number == 0 && space != .asset { return "0" }
      if let name = UInt64(exactly: number).flatMap({ names.name(of: $0, in: space) }) { return name }
    }
    switch type.name {
    case "money", "accountMargin":
      return Decimal.format(number, digits: moneyDigits, minimumDigits: min(1, moneyDigits), grouping: false)
    case "rate": return Decimal.format(number, digits: 7, minimumDigits: 0, grouping: false) + "%"
    case "templateId":
      return Schema.messages.first { Int128($0.template.rawValue) == number }?.name ?? "\(number)"
    case "requestId":
      return variables.filter { $0.value == number }.keys.sorted().first.map { "$" + $0 } ?? "\(number)"
    default: return "\(number)"
    }
  }
}
