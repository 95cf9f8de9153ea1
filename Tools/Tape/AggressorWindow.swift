import Values

/// The prices at which commands that are still on their way could trade: is a resting order safe from them?
///
/// Kept in groups of commands, so that what has been answered is forgotten without a search.
struct AggressorWindow {
  private struct Group {
    var lastCommand: UInt64
    var count = 0
    var highestBuy: Int64 = -1
    var lowestSell: Int64 = .max
  }

  private static let groupSize = 64
  private var groups: [Group] = []
  private var first = 0

  /// A command that may take liquidity up to `price` has been sent.
  mutating func add(_ side: Side, price: Int64, command: UInt64) {
    if first == groups.count || groups[groups.count - 1].count == AggressorWindow.groupSize {
      groups.append(Group(lastCommand: command))
    }
    let index = groups.count - 1
    groups[index].lastCommand = command
    groups[index].count += 1
    if side == .buy {
      groups[index].highestBuy = max(groups[index].highestBuy, price)
    } else {
      groups[index].lowestSell = min(groups[index].lowestSell, price)
    }
  }

  /// Everything up to `command` has been answered in full.
  mutating func settle(through command: UInt64) {
    while first < groups.count && groups[first].lastCommand <= command { first += 1 }
    if first == groups.count || first > 1024 {
      groups.removeFirst(first)
      first = 0
    }
  }

  /// Whether something on its way could trade with an order of `side` resting at `price`.
  func threatens(_ side: Side, price: Int64) -> Bool {
    groups[first...].contains { side == .sell ? $0.highestBuy >= price : $0.lowestSell <= price }
  }
}
