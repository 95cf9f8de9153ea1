/// Rows in aligned columns: text to the left, numbers to the right.
public struct TextTable {
  /// Where the text of a column stands.
  public enum Alignment: Sendable {
    case left
    case right
  }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// A table with these columns. A title that begins with `>` makes a column of numbers, aligned to the right.
  public init(_ columns: String...) {
    titles = columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    alignments = columns.map { $0.hasPrefix(">") ? .right : .left }
  }

  public var isEmpty: Bool { rows.isEmpty }

  /// Adds a row; it must have as many cells as there are columns.
  public mutating func add(_ cells: String...) { add(cells) }

  public mutating func add(_ cells: [String]) {
    precondition(cells.count == titles.count, "a row needs one cell per column")
    rows.append(cells)
  }

  /// The lines of the table, titles first, indented by two spaces.
  public var lines: [String] {
    let all = [titles] + rows
    let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { cells in
      var line = " "
      for (index, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        line += " " + (alignments[index] == .right ? padding + cell : cell + padding) + " "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  public var text: String { lines.joined(separator: "\n") }
}
