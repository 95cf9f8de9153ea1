/// The known word that somebody probably meant; `nil` when none is near.
public func suggestion(for word: String, among known: some Sequence<String>) -> String? {
  let limit = word.count <= 3 ? 1 : max(2, word.count / 3)
  let best = known.map { ($0, editDistance(word.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
  return best.flatMap { $0.1 <= limit ? $0.0 : nil }
}

/// Insertions, deletions and replacements that lead from one text to the other.
func editDistance(_ left: String, _ right: String) -> Int {
  let target = Array(right)
  var row = Array(0...target.count)
  for (line, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for column in target.indices {
      let cost = diagonal + (character == target[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(cost, diagonal + 1, row[column] + 1)
    }
  }
  return row[target.count]
}
