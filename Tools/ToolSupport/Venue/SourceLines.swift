/// Where the keys of a TOML text stand, for error messages.
///
/// Knows table headers and `key = value` lines, which is all a venue file has; a key inside an inline table counts to the
/// line of that table.
struct SourceLines {
  private var lines: [String: Int] = [:]

  init(_ text: String) {
    var table = ""
    var counts: [String: Int] = [:]
    var depth = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let statement = Self.withoutComment(line)
      let trimmed = statement.drop { $0 == " " || $0 == "\t" }
      if depth == 0, trimmed.hasPrefix("[[") {
        let name = Self.resolve(Self.header(trimmed), counts: counts)
        let number = counts[name, default: 0]
        counts[name] = number + 1
        table = "\(name)[\(number)]"
        if number == 0 { lines[name] = index + 1 }
        lines[table] = index + 1
        continue
      }
      if depth == 0, trimmed.hasPrefix("[") {
        table = Self.resolve(Self.header(trimmed), counts: counts)
        lines[table] = index + 1
        continue
      }
      if depth == 0, let equals = trimmed.firstIndex(of: "=") {
        let key = trimmed[..<equals].filter { $0 != " " && $0 != "\"" && $0 != "\t" }
        lines[table.isEmpty ? String(key) : "\(table).\(key)"] = index + 1
      }
      depth = max(0, depth + Self.nesting(of: statement))
    }
  }

  /// The line of `path` (such as `instruments[2].mark`), or of the nearest thing around it; 0: nowhere.
  func line(of path: String) -> Int {
    var path = Substring(path)
    while !path.isEmpty {
      if let line = lines[String(path)] { return line }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return 0 }
      path = path[..<end]
    }
    return 0
  }

  private static func header(_ line: Substring) -> String {
    line.filter { !"[]\" \t\r".contains($0) }
  }

  /// A header inside an array of tables belongs to its newest element.
  private static func resolve(_ name: String, counts: [String: Int]) -> String {
    var result = ""
    let parts = name.split(separator: ".")
    for (index, part) in parts.enumerated() {
      result += result.isEmpty ? String(part) : ".\(part)"
      if index < parts.count - 1, let count = counts[result] { result += "[\(count - 1)]" }
    }
    return result
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    var quote: Character?
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#" {
        return line[..<index]
      }
    }
    return line
  }

  /// How many more brackets open than close, outside of texts.
  private static func nesting(of line: Substring) -> Int {
    var quote: Character?
    var depth = 0
    for character in line {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "[" || character == "{" {
        depth += 1
      } else if character == "]" || character == "}" {
        depth -= 1
      }
    }
    return depth
  }
}
