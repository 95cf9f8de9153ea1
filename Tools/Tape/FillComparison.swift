/// How the fills of a run compare with those that the tape's venue published.
public struct FillComparison: Sendable {
  /// The first command whose fills differ.
  public struct Difference: Equatable, Sendable {
    public let sequence: UInt64
    /// Position among the command's fills, from 1, those of one maker added up.
    public let position: Int
    public let published: TapeFill?
    public let actual: TapeFill?
  }

  /// Published fills, row by row.
  public private(set) var published = 0
  /// Published fills that came out exactly: maker, price, size and place among the fills of their command.
  public private(set) var exact = 0
  /// Commands with published fills.
  public private(set) var takerOrders = 0
  /// Of them, those with all their fills in order and no others.
  public private(set) var exactTakerOrders = 0
  /// Fills that the venue did not publish: in commands without published fills, or behind them.
  public private(set) var extra = 0
  public private(set) var firstDifference: Difference?

  /// Whether everything came out as published.
  public var isExact: Bool { firstDifference == nil }

  /// Fills of one maker at one price within one command, added up; `rows` of the file.
  private struct Entry {
    var fill: TapeFill
    var rows: Int

    func isSame(as other: Entry) -> Bool { fill == other.fill }
  }

  /// Compares command by command. Both lists are in the order of execution; the order of commands is that of `published`,
  /// and of their numbers where nothing was published. O(n log n).
  public init(published: [TapeFill], actual: [TapeFill]) {
    let (expected, found) = (FillComparison.grouped(published), FillComparison.grouped(actual))
    self.published = published.count
    takerOrders = expected.count
    for sequence in Set(expected.keys).union(found.keys).sorted() {
      compare(expected[sequence] ?? [], found[sequence] ?? [], sequence: sequence)
    }
  }

  private mutating func compare(_ expected: [Entry], _ found: [Entry], sequence: UInt64) {
    var isExact = expected.count == found.count
    for position in 0..<max(expected.count, found.count) {
      let published = position < expected.count ? expected[position] : nil
      let actual = position < found.count ? found[position] : nil
      if let published, let actual, published.isSame(as: actual) {
        exact += published.rows
        continue
      }
      isExact = false
      if published == nil { extra += actual?.rows ?? 0 }
      firstDifference =
        firstDifference
        ?? Difference(
          sequence: sequence, position: position + 1, published: published?.fill, actual: actual?.fill)
    }
    if isExact && !expected.isEmpty { exactTakerOrders += 1 }
  }

  /// The fills by command. Slices of an iceberg are one entry, where the first of them stands: a venue may publish them
  /// one by one or added up.
  private static func grouped(_ fills: [TapeFill]) -> [UInt64: [Entry]] {
    var groups: [UInt64: [Entry]] = [:]
    for fill in fills {
      let index = groups[fill.sequence]?.firstIndex {
        $0.fill.makerId == fill.makerId && $0.fill.takerId == fill.takerId && $0.fill.price == fill.price
      }
      if let index {
        groups[fill.sequence]![index].fill.size += fill.size
        groups[fill.sequence]![index].rows += 1
      } else {
        groups[fill.sequence, default: []].append(Entry(fill: fill, rows: 1))
      }
    }
    return groups
  }
}

extension FillComparison.Difference: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    func text(_ fill: TapeFill?) -> String {
      fill.map { "taker \($0.takerId), maker \($0.makerId), price \($0.price), size \($0.size)" } ?? "no fill"
    }
    return "command \(sequence), fill \(position): published \(text(published)); here \(text(actual))"
  }
}
