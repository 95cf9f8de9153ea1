/// A table of the venue file that is being read. Collects what is wrong instead of stopping at the first thing, and knows
/// which keys were asked for, so that unknown keys can be named.
final class TomlSection {
  let path: String
  private let members: [String: TomlValue]
  private let reader: TomlReader
  private var asked: [String] = []

  init(_ members: [String: TomlValue], path: String, reader: TomlReader) {
    self.members = members
    self.path = path
    self.reader = reader
  }

  /// The line of a key, or of the table.
  func line(of key: String = "") -> Int { reader.lines.line(of: name(key)) }

  func has(_ key: String) -> Bool { members[key] != nil }

  func issue(_ key: String, _ text: String) { reader.issue(name(key), text) }

  private func name(_ key: String) -> String { key.isEmpty ? path : path.isEmpty ? key : "\(path).\(key)" }

  private func value(_ key: String) -> TomlValue? {
    if !asked.contains(key) { asked.append(key) }
    return members[key]
  }

  /// Says which keys nobody asked for. To be called last.
  func finish() {
    for key in members.keys.sorted() where !asked.contains(key) {
      let hint = suggestion(for: key, among: asked).map { " Did you mean \($0)?" } ?? ""
      issue(key, "unknown key.\(hint) Known here: \(asked.sorted().joined(separator: ", ")).")
    }
  }

  // MARK: Values

  func text(_ key: String) -> String? {
    switch value(key) {
    case .none: return nil
    case .string(let text): return text
    case .some(let other):
      issue(key, "should be a text in quotes, but is \(other.kind).")
      return nil
    }
  }

  func requiredText(_ key: String) -> String {
    if members[key] == nil { issue(key, "is missing.") }
    return text(key) ?? ""
  }

  func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    switch value(key) {
    case .none: return nil
    case .integer(let number) where range.contains(number): return number
    case .integer(let number):
      issue(key, "\(number) is out of range: \(range.lowerBound) to \(range.upperBound).")
    case .some(let other):
      issue(key, "should be a whole number (without quotes), but is \(other.kind).")
    }
    return nil
  }

  func requiredInteger(_ key: String, in range: ClosedRange<Int>) -> Int {
    if members[key] == nil { issue(key, "is missing.") }
    return integer(key, in: range) ?? range.lowerBound
  }

  func flag(_ key: String) -> Bool? {
    switch value(key) {
    case .none: return nil
    case .boolean(let flag): return flag
    case .some(let other):
      issue(key, "should be true or false, but is \(other.kind).")
      return nil
    }
  }

  /// A decimal number in quotes, times 10^digits.
  func decimal(_ key: String, digits: Int) -> Int64? {
    value(key).flatMap { decimal($0, key: key, digits: digits) }
  }

  /// A decimal number in quotes as a whole multiple of `unit` × 10^-12.
  func multiple(_ key: String, of unit: Int64, called name: String) -> Int64? {
    guard let value = value(key), unit > 0, let fraction = exactDecimal(value, key: key, digits: 12) else { return nil }
    let (count, rest) = fraction.quotientAndRemainder(dividingBy: Int128(unit))
    if rest != 0 {
      let text = Decimal.format(Int128(unit), digits: 12, minimumDigits: 0)
      issue(key, "is not a whole multiple of \(name) \(text).")
      return nil
    }
    return fitted(count, key: key)
  }

  private func fitted(_ number: Int128, key: String) -> Int64? {
    if let number = Int64(exactly: number) { return number }
    issue(key, "is too large to be represented.")
    return nil
  }

  func requiredDecimal(_ key: String, digits: Int) -> Int64 {
    if members[key] == nil { issue(key, "is missing.") }
    return decimal(key, digits: digits) ?? 0
  }

  private func decimal(_ value: TomlValue, key: String, digits: Int) -> Int64? {
    exactDecimal(value, key: key, digits: digits).flatMap { fitted($0, key: key) }
  }

  private func exactDecimal(_ value: TomlValue, key: String, digits: Int) -> Int128? {
    switch value {
    case .string(let text):
      do throws(Decimal.Problem) {
        return try Decimal.parse(text, digits: digits)
      } catch {
        switch error {
        case .notANumber: issue(key, "“\(text)” is not a decimal number, such as \"0.01\".")
        case .tooPrecise(let digits): issue(key, "“\(text)” has more than the \(digits) decimals possible here.")
        case .outOfRange: issue(key, "“\(text)” is too large to be represented.")
        }
      }
    case .float:
      issue(key, "is a floating-point number, which is not exact: write it in quotes, such as \"0.01\".")
    case .integer(let number):
      issue(key, "should be a decimal number in quotes: write \"\(number)\".")
    default:
      issue(key, "should be a decimal number in quotes, but is \(value.kind).")
    }
    return nil
  }

  /// One of the named cases.
  func choice<Case: CaseIterable>(_ key: String, of type: Case.Type) -> Case? {
    guard let text = text(key) else { return nil }
    if let found = Case.allCases.first(where: { snakeCase("\($0)") == text }) { return found }
    let names = Case.allCases.map { snakeCase("\($0)") }
    let hint = suggestion(for: text, among: names).map { " Did you mean \"\($0)\"?" } ?? ""
    issue(key, "“\(text)” is not known.\(hint) Possible: \(names.joined(separator: ", ")).")
    return nil
  }

  /// Texts in a list.
  func texts(_ key: String) -> [String] {
    guard let list = value(key) else { return [] }
    guard case .array(let elements) = list else {
      issue(key, "should be a list of texts, but is \(list.kind).")
      return []
    }
    return elements.compactMap { element in
      if case .string(let text) = element { return text }
      issue(key, "should be a list of texts, but holds \(element.kind).")
      return nil
    }
  }

  /// Decimals in a list: `["0.1", "0.5"]`.
  func decimals(_ key: String, digits: Int) -> [Int64] {
    guard let list = value(key) else { return [] }
    guard case .array(let elements) = list else {
      issue(key, "should be a list of decimal numbers in quotes, but is \(list.kind).")
      return []
    }
    return elements.compactMap { decimal($0, key: key, digits: digits) }
  }

  /// Pairs of decimals in a list: `[["0", "0.004"], ["50000", "0.005"]]`.
  func pairs(_ key: String, digits: (Int, Int)) -> [(Int64, Int64)] {
    guard let list = value(key) else { return [] }
    guard case .array(let elements) = list else {
      issue(key, "should be a list of pairs such as [[\"0\", \"0.01\"]], but is \(list.kind).")
      return []
    }
    return elements.compactMap { element in
      guard case .array(let pair) = element, pair.count == 2 else {
        issue(key, "should be a list of pairs such as [[\"0\", \"0.01\"]], but holds \(element.kind).")
        return nil
      }
      let first = decimal(pair[0], key: key, digits: digits.0)
      let second = decimal(pair[1], key: key, digits: digits.1)
      return first.flatMap { first in second.map { (first, $0) } }
    }
  }

  // MARK: Tables

  /// A table inside this one.
  func section(_ key: String) -> TomlSection? {
    switch value(key) {
    case .none: return nil
    case .table(let members): return TomlSection(members, path: name(key), reader: reader)
    case .some(let other):
      issue(key, "should be a table, but is \(other.kind).")
      return nil
    }
  }

  /// The elements of an array of tables.
  func sections(_ key: String) -> [TomlSection] {
    guard let list = value(key) else { return [] }
    guard case .array(let elements) = list else {
      issue(key, "should be written as [[\(key)]], but is \(list.kind).")
      return []
    }
    return elements.enumerated().compactMap { index, element in
      if case .table(let members) = element {
        return TomlSection(members, path: "\(name(key))[\(index)]", reader: reader)
      }
      issue(key, "should hold tables, but holds \(element.kind).")
      return nil
    }
  }

  /// The keys of this table, for tables whose keys are names (such as deposits). They count as known.
  func names() -> [String] {
    asked = Array(members.keys)
    return members.keys.sorted()
  }
}

/// Collects what is wrong with a file.
final class TomlReader {
  let lines: SourceLines
  private(set) var issues: [VenueFileError.Issue] = []

  init(_ lines: SourceLines) {
    self.lines = lines
  }

  func issue(_ path: String, _ text: String) {
    issues.append(VenueFileError.Issue(line: lines.line(of: path), path: path, text: text))
  }
}

/// `goodTillCancel` as TOML writes it: `good_till_cancel`.
func snakeCase(_ name: String) -> String {
  name.reduce(into: "") { text, character in
    if character.isUppercase { text += "_" + character.lowercased() } else { text.append(character) }
  }
}
