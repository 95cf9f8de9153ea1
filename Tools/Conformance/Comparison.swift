import ToolSupport
import Wire

/// A field of a report in the form in which two of them are compared.
enum Datum: Equatable {
  case number(Int128)
  case none
  case word(String)
  case choices(Set<String>)

  init(_ value: FieldValue) {
    switch value {
    case .unsigned(let number): self = .number(Int128(number))
    case .signed(let number): self = .number(Int128(number))
    case .none: self = .none
    case .flag(let flag): self = .word(flag ? "yes" : "no")
    case .name(let text), .text(let text), .hex(let text): self = .word(text)
    case .set(let names, let rest): self = .choices(Set(names + (rest == 0 ? [] : ["\(rest)"])))
    case .record: self = .none
    }
  }
}

extension Knowledge {
  /// What is written for a field of a report, to be compared.
  func datum(_ text: Substring, of field: FieldDescription) throws(FrameTextError) -> Datum {
    switch field.type.kind {
    case .text, .bytes: return .word(String(text))
    case .flag:
      switch text {
      case "yes", "true", "1": return .word("yes")
      case "no", "false", "0": return .word("no")
      default: throw FrameTextError("\(field.name): “\(text)” should be yes or no.")
      }
    case .enumeration:
      guard field.type.values.contains(where: { $0.name == text }) else {
        let names = field.type.values.map(\.name)
        let hint = suggestion(for: String(text), among: names).map { " Did you mean \($0)?" } ?? ""
        throw FrameTextError("\(field.name): “\(text)” is not known.\(hint)")
      }
      return .word(String(text))
    case .set:
      let inner = text.first == "[" && text.last == "]" ? text.dropFirst().dropLast() : text
      return .choices(Set(inner.split(separator: " ").map(String.init)))
    default:
      if field.type.isOptional && text == "none" { return .none }
      return .number(try number(text, of: field))
    }
  }

  /// Whether the report is the expected one. Variables without a value get one from it.
  mutating func matches(_ bytes: [UInt8], _ expected: ExpectedReport) throws(FrameTextError) -> Bool {
    let actual = Report(bytes)
    guard actual.message.template == expected.message.template else { return false }
    var captured: [String: Int128] = [:]
    for (name, text) in expected.fields where text != "*" {
      guard let (field, value) = actual.field(name) else { return false }
      if text.first == "$", text.dropFirst().allSatisfy({ $0.isLetter || $0.isNumber }) {
        let variable = String(text.dropFirst())
        guard case .number(let number) = value else { return false }
        if let known = variables[variable] ?? captured[variable] {
          if known != number { return false }
        } else {
          captured[variable] = number
        }
      } else if value != (try datum(Substring(text), of: field)) {
        return false
      }
    }
    variables.merge(captured) { _, new in new }
    return true
  }

  /// A report as a script would have it: what `wanted` names, and all else that says something.
  func describe(_ bytes: [UInt8], to party: String, wanted: [String]) -> String {
    let report = Report(bytes)
    var text = "\(party) < \(report.message.name)"
    for (field, value) in report.fields {
      if case .record = value {
        for name in wanted where name.hasPrefix(field.name + ".") {
          if case .number(let number)? = report.field(name)?.value {
            text += " \(name)=\(self.text(number, of: field.type))"
          }
        }
        continue
      }
      let isWanted = wanted.contains(field.name)
      if !isWanted && Report.silent.contains(field.name) { continue }
      switch Datum(value) {
      case .number(let number):
        if number != 0 || isWanted { text += " \(field.name)=\(self.text(number, of: field.type))" }
      case .none: if isWanted { text += " \(field.name)=none" }
      case .word(let word): text += " \(field.name)=\(word)"
      case .choices(let choices):
        if !choices.isEmpty || isWanted { text += " \(field.name)=[\(choices.sorted().joined(separator: " "))]" }
      }
    }
    return text
  }
}

/// A report as data.
struct Report {
  /// Fields that are shown only when a script names them.
  static let silent: Set<String> = ["reportNumber", "requestId", "sequence", "time", "queryId", "publicKey"]

  let message: MessageDescription
  let fields: [(field: FieldDescription, value: FieldValue)]

  init(_ bytes: [UInt8]) {
    (message, fields) = bytes.withUnsafeBytes { memory in
      let frame = Frame(memory)
      return (frame.template.description, FieldValue.all(in: frame))
    }
  }

  /// A field, or a member of a record: `margin.equity`, also `margin.free` and `margin.cushion`.
  func field(_ name: String) -> (field: FieldDescription, value: Datum)? {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let (field, value) = fields.first(where: { $0.field.name == parts[0] }) else { return nil }
    guard case .record(let members) = value, parts.count == 2 else { return (field, Datum(value)) }
    func member(_ name: String) -> Int128? { members.first { $0.name == name }.map { Int128($0.value) } }
    switch parts[1] {
    case "free":
      guard let equity = member("initialEquity"), let margin = member("initialMargin") else { return nil }
      return (field, .number(equity - margin))
    case "cushion":
      guard let equity = member("equity"), let margin = member("maintenanceMargin") else { return nil }
      return (field, .number(equity - margin))
    default: return member(parts[1]).map { (field, .number($0)) }
    }
  }
}
