import Values

/// Which of the live venue's accounts or instruments stand for the recorded ones: `1=7,2=8,*=9`, just `9` for
/// all, or `same` when they have the same numbers.
public struct IdMap: Equatable, Sendable {
  private var pairs: [UInt32: UInt32] = [:]
  private var others: UInt32?
  private var keepsOthers = false

  /// Every id stands for itself.
  public static var identity: IdMap {
    var map = IdMap()
    map.keepsOthers = true
    return map
  }

  private init() {}

  /// Throws a sentence when the text is not of that form.
  public init(_ text: String) throws {
    if text == "same" {
      self = .identity
      return
    }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count <= 2, let target = sides.last.flatMap({ UInt32($0) }), target != 0 else {
        throw TapeError("“\(part)” is not of the form RECORDED=HERE, such as 1=7 or *=9, or the word same")
      }
      if sides.count == 1 || sides[0] == "*" {
        others = target
      } else if let recorded = UInt32(sides[0]) {
        pairs[recorded] = target
      } else {
        throw TapeError("“\(sides[0])” is not the number of a recorded account or instrument")
      }
    }
  }

  /// What stands for `recorded`; `nil`: nothing.
  public subscript(recorded: UInt32) -> UInt32? { pairs[recorded] ?? others ?? (keepsOthers ? recorded : nil) }
}
