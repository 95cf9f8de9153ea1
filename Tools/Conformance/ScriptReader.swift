import ToolSupport
import Wire

/// Reads script files line by line.
struct ScriptReader {
  private(set) var title = ""
  private(set) var steps: [Step] = []
  private(set) var needs: Script.Need?
  private var depth = 0
  /// Whether expectations may follow.
  private var hasStep = false

  /// Reads a file and, in their places, those that it includes.
  mutating func read(_ path: String, isIncluded: Bool) throws {
    guard depth < 8 else { throw ScriptError(file: path, line: 0, text: "files include each other without end.") }
    depth += 1
    defer { depth -= 1 }
    hasStep = false
    let text = try readText(path)
    var number = 0
    var pending = ""
    var first = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      if !isIncluded && title.isEmpty && line.hasPrefix("#") { title = String(line.drop { $0 == "#" || $0 == " " }) }
      var content = Self.withoutComment(line)
      if pending.isEmpty { first = number } else { content = content.drop { $0 == " " } }
      if content.last == "\\" {
        pending += content.dropLast()
        continue
      }
      pending += content
      let whole = pending
      pending = ""
      guard whole.contains(where: { $0 != " " }) else { continue }
      do throws(FrameTextError) {
        if let file = Self.argument(of: "include", in: whole) {
          try include(file, from: path)
        } else {
          try take(whole, path, line: first)
        }
      } catch {
        throw ScriptError(file: path, line: first, text: error.description)
      }
      if let file = includes {
        includes = nil
        try read(file, isIncluded: true)
        hasStep = false
      }
    }
    guard pending.isEmpty else { throw ScriptError(file: path, line: first, text: "the line goes on after the end.") }
  }

  /// The file to be read next.
  private var includes: String?

  private mutating func include(_ file: String, from path: String) throws(FrameTextError) {
    guard !file.isEmpty else { throw FrameTextError("include needs a file.") }
    let slash = path.lastIndex(of: "/")
    includes = file.hasPrefix("/") ? file : (slash.map { String(path[...$0]) } ?? "") + file
  }

  /// Comments go from `#` at the beginning of a line, or after a space, to its end.
  private static func withoutComment(_ line: Substring) -> Substring {
    var last: Character = " "
    var end = line.endIndex
    for index in line.indices {
      if line[index] == "#" && last == " " {
        end = index
        break
      }
      last = line[index]
    }
    var rest = line[..<end]
    while let character = rest.last, character == " " || character == "\r" || character == "\t" { rest.removeLast() }
    return rest
  }

  /// The rest of a line that begins with `word`; `nil`: it begins with something else.
  private static func argument(of word: String, in line: String) -> String? {
    guard line == word || line.hasPrefix(word + " ") else { return nil }
    return String(line.dropFirst(word.count).drop { $0 == " " })
  }

  // MARK: Lines

  private mutating func take(_ line: String, _ path: String, line number: Int) throws(FrameTextError) {
    if line.hasPrefix(" ") {
      guard hasStep else { throw FrameTextError("a report can only be expected after a command.") }
      try expect(String(line.drop { $0 == " " }), line: number)
    } else if let time = Self.argument(of: "time", in: line) {
      guard !time.isEmpty else { throw FrameTextError("time needs a time, such as +1s.") }
      require(.clock)
      add(.time(time.hasPrefix("+") ? "now" + time : time), line, path, number)
    } else if let need = Self.argument(of: "needs", in: line) {
      guard need == "venue" else { throw FrameTextError("only “needs venue” is known.") }
      require(.venue)
    } else {
      try command(line, path, number)
    }
  }

  private mutating func require(_ need: Script.Need) { needs = needs ?? need }

  private mutating func add(_ action: Step.Action, _ line: String, _ path: String, _ number: Int) {
    steps.append(Step(file: path, line: number, text: line, action: action))
    hasStep = true
  }

  /// `party: Message field=value …`, `party: connect`, `party: disconnect`
  private mutating func command(_ line: String, _ path: String, _ number: Int) throws(FrameTextError) {
    guard let colon = line.firstIndex(of: ":"), !line[..<colon].isEmpty, !line[..<colon].contains(" ") else {
      throw FrameTextError(
        "a line is “party: Message field=value …”, “  party < Report field=value …”, “time +1s”, “include FILE” or "
          + "“needs venue”.")
    }
    let party = String(line[..<colon])
    let text = String(line[line.index(after: colon)...].drop { $0 == " " })
    if let window = Self.argument(of: "connect", in: text) {
      require(.clock)
      let parts = window.split(separator: "=")
      guard window.isEmpty || (parts.count == 2 && parts[0] == "cancelOnDisconnect"),
        let span = UInt32(parts.last ?? "0")
      else { throw FrameTextError("connect takes cancelOnDisconnect=MILLISECONDS only.") }
      return add(.connect(party: party, window: span), line, path, number)
    }
    if text == "disconnect" {
      require(.clock)
      return add(.disconnect(party: party), line, path, number)
    }
    let (message, assignments) = try FrameBuilder.parse(text)
    guard message.isRequest || message.isQuery else {
      throw FrameTextError("\(message.name) is neither a request nor a query.")
    }
    for assignment in assignments where assignment.name != message.rows?.name {
      _ = try FrameBuilder.field(assignment.name, in: message.fields, of: message.name)
      if assignment.name == "requestId" && assignment.value.first != "$" { require(.requestIds) }
    }
    add(.send(party: party, text: text), line, path, number)
  }

  /// `party < Report field=value …` or `nothing`
  private mutating func expect(_ line: String, line number: Int) throws(FrameTextError) {
    let last = steps.count - 1
    if line == "nothing" {
      guard steps[last].expectations == nil else { throw FrameTextError("“nothing” stands alone.") }
      steps[last].expectations = []
      return
    }
    guard let sign = line.firstIndex(of: "<") else {
      throw FrameTextError("an expected report is “  party < Report field=value …”, none at all is “  nothing”.")
    }
    let party = line[..<sign].filter { $0 != " " }
    guard !party.isEmpty else { throw FrameTextError("who is expected to get it? Write “party < Report …”.") }
    let text = String(line[line.index(after: sign)...].drop { $0 == " " })
    let (message, assignments) = try FrameBuilder.parse(text)
    guard message.isReport else { throw FrameTextError("\(message.name) is not a report or an answer.") }
    var fields: [(name: String, value: String)] = []
    for assignment in assignments {
      try Self.check(assignment.name, of: message)
      fields.append((assignment.name, String(assignment.value)))
    }
    let report = ExpectedReport(line: number, party: party, text: text, message: message, fields: fields)
    steps[last].expectations = (steps[last].expectations ?? []) + [report]
  }

  /// Throws when a report has no such field or member of a record.
  private static func check(_ name: String, of message: MessageDescription) throws(FrameTextError) {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let field = try FrameBuilder.field(parts[0], in: message.fields, of: message.name)
    if case .record(let members) = field.type.kind {
      let known = members + MarginFigure.derived
      guard parts.count == 2, known.contains(parts[1]) else {
        throw FrameTextError(
          "\(field.name) has the members: \(known.map { "\(field.name).\($0)" }.joined(separator: ", ")).")
      }
    } else if parts.count > 1 {
      throw FrameTextError("\(field.name) has no members.")
    }
  }
}

extension MessageDescription {
  /// Whether clients send it and its first report answers it.
  var isRequest: Bool { fields.first?.name == "requestId" && template != .defineVenue }
  /// Whether it is a query: its answer ends with QueryEnd.
  var isQuery: Bool {
    fields.first?.name == "queryId" && (name.hasPrefix("Query") || name == "Preview") && name != "QueryEnd"
  }
  /// Whether a client gets it in answer to something, or because something happened to its orders or accounts.
  var isReport: Bool { fields.first?.name == "reportNumber" || (fields.first?.name == "queryId" && !isQuery) }
}

/// What follows from the members of an account's margin.
enum MarginFigure {
  static let derived = ["free", "cushion"]
}
