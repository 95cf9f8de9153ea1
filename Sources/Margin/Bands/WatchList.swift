import Values

// The watch list of a risk group: accounts with options in portfolio mode that have no room for bands. Every move of a
// mark, price, volatility or rate that they depend on makes a Tick look at them, so its length is work.

extension Ledger {
  /// How many accounts with something in a group are looked at with its every move.
  public func watchLength(of group: UInt32) -> UInt32 { groups[group].watched }

  /// Puts an account on the lists of all its groups, or takes it off. O(groups of the account).
  @usableFromInline mutating func setWatched(_ account: UInt32, to isWatched: Bool) {
    if accounts[account].isWatched == isWatched { return }
    accounts[account].isWatched = isWatched
    var holding = accounts[account].firstHolding
    while holding != 0 {
      countWatched(isWatched ? 1 : -1, in: holdings[holding].group)
      holding = holdings[holding].next
    }
  }

  mutating func countWatched(_ change: Int32, in group: UInt32) {
    groups[group].watched = UInt32(Int32(groups[group].watched) + change)
  }

  /// The first group of an account whose list is full, or 0. An account on the lists has its place.
  public func fullWatchList(for account: UInt32) -> UInt32 {
    if accounts[account].isWatched { return 0 }
    var holding = accounts[account].firstHolding
    while holding != 0 {
      if groups[holdings[holding].group].watched >= UInt32(Limits.watchedAccounts) { return holdings[holding].group }
      holding = holdings[holding].next
    }
    return 0
  }

  /// What an account with options in portfolio mode would have left for bands after the worst fills of its orders, mq;
  /// `nil`: it would have no options. It has been touched. O(positions).
  public func roomAtWorst(of account: UInt32, _ margin: AccountMargin, level: Rate) -> Int128? {
    guard hasScenarioOptions(account, worst: true) else { return nil }
    guard let slack = scenarioSlack(of: account, worst: true) else { return -1 }
    return level.roundedDown(of: margin.equity).rawValue - bandMaintenance(of: account, worst: true).rawValue - slack
  }
}
