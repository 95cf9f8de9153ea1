import Values

/// The funded accounts of the tape's venue, and which of them takes an order.
///
/// An account holds orders of similar prices (within a factor of two), because the venue charges all of an account's
/// lots at its worst price. The accounts of a price class take turns. An account belongs to a master with a key of its
/// own; very large orders have masters of their own, because a master's worst case is bounded at 2^44 lots.
struct AccountPool {
  /// Accounts that a price class starts with.
  static let spread = 4
  /// Orders above so many lots go to the masters for large ones.
  static let largeOrder: Int64 = 1 << 40
  /// Accounts looked at for one order.
  private static let attempts = 64

  private struct Master {
    let key: KeyId
    var worstLong: Int128 = 0
    var worstShort: Int128 = 0

    func hasRoom(_ side: Side, lots: Int64) -> Bool {
      (side == .buy ? worstLong : worstShort) + Int128(lots) <= Int128(Limits.quantity)
    }
  }

  /// Orders of a similar price and size, and the accounts that take them in turn.
  private struct Class {
    var members: [Int] = []
    var turn = 0
  }

  private(set) var accounts: [TapeAccount] = []
  private var masters: [Master] = []
  private var classes: [Class]
  /// The newest master for ordinary orders, and for large ones.
  private var newest: (ordinary: Int?, large: Int?) = (nil, nil)
  private let firstKey: UInt32

  /// `firstKey` is the id of the first master and of its key; further ones follow.
  init(firstKey: UInt32) {
    self.firstKey = firstKey
    classes = Array(repeating: Class(), count: 128)
  }

  /// The most lots of one order at `price` that a fresh account takes.
  static func largestOrder(at price: Int64) -> Int64 {
    min(Limits.quantity, Limits.notionalPerAccount / max(price, TapeAccount.mark))
  }

  /// The key that trades for an account. Its master has the same number.
  func key(of account: Int) -> KeyId { masters[accounts[account].master].key }

  /// The account that takes the order; `nil`: one must be added first. O(64).
  mutating func place(_ side: Side, price: Int64, lots: Int64) -> Int? {
    let index = AccountPool.classIndex(price: price, lots: lots)
    let members = classes[index].members
    guard !members.isEmpty else { return nil }
    for attempt in 0..<min(members.count, AccountPool.attempts) {
      let turn = (classes[index].turn + attempt) % members.count
      if admits(members[turn], side, price: price, lots: lots) {
        classes[index].turn = (turn + 1) % members.count
        return members[turn]
      }
    }
    return nil
  }

  /// Whether the account takes the order, by its own bounds and those of its master.
  func admits(_ account: Int, _ side: Side, price: Int64, lots: Int64) -> Bool {
    accounts[account].admits(side, price: price, lots: lots)
      && masters[accounts[account].master].hasRoom(side, lots: lots)
  }

  /// Whether the account takes an order that replaces one of `oldLots` open lots on the same side.
  func admitsReplace(_ account: Int, _ side: Side, oldLots: Int64, price: Int64, lots: Int64) -> Bool {
    admits(account, side, price: price, lots: lots - oldLots)
  }

  /// How many accounts to add for an order that could not be placed.
  func missingAccounts(price: Int64, lots: Int64) -> Int {
    let members = classes[AccountPool.classIndex(price: price, lots: lots)].members.count
    return lots > AccountPool.largeOrder ? 1 : max(1, AccountPool.spread - members)
  }

  /// Adds an account for orders like this one; its key is new when no master had room.
  mutating func add(_ side: Side, price: Int64, lots: Int64) -> (account: Int, keyIsNew: Bool) {
    let isLarge = lots > AccountPool.largeOrder
    var master = isLarge ? newest.large : newest.ordinary
    if let found = master, !masters[found].hasRoom(side, lots: lots) { master = nil }
    let keyIsNew = master == nil
    let index = master ?? masters.count
    if keyIsNew {
      masters.append(Master(key: KeyId(firstKey + UInt32(index))))
      if isLarge { newest.large = index } else { newest.ordinary = index }
    }
    accounts.append(TapeAccount(account: AccountId(UInt32(accounts.count + 1)), master: index))
    let member = accounts.count - 1
    let classIndex = AccountPool.classIndex(price: price, lots: lots)
    classes[classIndex].members.append(member)
    // The next order that is placed is the one that the account was added for.
    classes[classIndex].turn = classes[classIndex].members.count - 1
    return (member, keyIsNew)
  }

  /// Changes an account and keeps its master's worst case in step.
  mutating func update(_ account: Int, _ change: (inout TapeAccount) -> Void) {
    let master = accounts[account].master
    masters[master].worstLong -= Int128(accounts[account].worstLong)
    masters[master].worstShort -= Int128(accounts[account].worstShort)
    change(&accounts[account])
    masters[master].worstLong += Int128(accounts[account].worstLong)
    masters[master].worstShort += Int128(accounts[account].worstShort)
  }

  private static func classIndex(price: Int64, lots: Int64) -> Int {
    Int64.bitWidth - price.leadingZeroBitCount + (lots > largeOrder ? 64 : 0)
  }
}
