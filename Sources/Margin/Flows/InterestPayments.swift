import Values

// Interest of accounts: what their balances are now, and settling them whenever they change. Every change of a balance,
// the settlement currency's included, goes through the two functions here.

extension Ledger {
  /// The interest of an asset; 0: the settlement currency.
  @inlinable public func interest(of asset: UInt32) -> Interest {
    asset == 0 ? settlement.interest : assets[asset].interest
  }

  /// Interest on the settlement balance since it was last settled.
  @inlinable public func pendingInterest(ofAccount account: UInt32) -> Money {
    if !settlement.interest.isUsed { return .zero }
    let cash = accounts[account].cash
    return Money(settlement.interest.now(cash.rawValue, since: accounts[account].cashIndex)) - cash
  }

  /// The settlement balance as of now: with interest, without what funding owes.
  @inlinable public func cash(of account: UInt32) -> Money {
    accounts[account].cash + pendingInterest(ofAccount: account)
  }

  /// Quanta in a balance as of now.
  @inlinable @inline(__always) public func amount(of balance: UInt32) -> Int64 {
    let asset = balances[balance].asset
    if !assets[asset].interest.isUsed { return balances[balance].amount }
    return Int64(assets[asset].interest.now(Int128(balances[balance].amount), since: balances[balance].index))
  }

  /// Changes the settlement balance.
  @inlinable @inline(__always) mutating func changeCash(by amount: Money, of account: UInt32) {
    if settlement.interest.isUsed {
      settleCash(of: account, adding: amount)
    } else {
      accounts[account].cash += amount
    }
  }

  /// Changes a balance of another asset. The caller refreshes its value.
  @inlinable @inline(__always) mutating func changeAmount(by amount: Money, of balance: UInt32) {
    if assets[balances[balance].asset].interest.isUsed {
      settleAmount(of: balance, adding: amount)
    } else {
      balances[balance].amount += Int64(amount.rawValue)
    }
  }

  @usableFromInline mutating func settleCash(of account: UInt32, adding amount: Money) {
    let before = accounts[account].cash.rawValue
    let paid = Money(settlement.interest.settle(before, since: accounts[account].cashIndex))
    if paid != .zero {
      accounts[account].settledInterest += paid
      settledAccounts.insert(account)
    }
    accounts[account].cash += paid + amount
    accounts[account].interestDue = .zero
    accounts[account].cashIndex = settlement.interest.index(for: accounts[account].cash.rawValue)
    settlement.interest.add(accounts[account].cash.rawValue, since: accounts[account].cashIndex)
  }

  @usableFromInline mutating func settleAmount(of balance: UInt32, adding amount: Money) {
    let asset = balances[balance].asset
    let paid = Money(
      assets[asset].interest.settle(Int128(balances[balance].amount), since: balances[balance].index))
    if paid != .zero {
      balances[balance].settledInterest += paid
      settledBalances.insert(balance)
    }
    balances[balance].amount += Int64((paid + amount).rawValue)
    balances[balance].index = assets[asset].interest.index(for: Int128(balances[balance].amount))
    assets[asset].interest.add(Int128(balances[balance].amount), since: balances[balance].index)
  }

  // MARK: Parameters and intervals

  /// Sets how interest on an asset is charged. The first time what there is of it is added up: O(accounts + balances).
  public mutating func setInterest(of asset: UInt32, to parameters: InterestParameters, now: Timestamp) {
    if !interest(of: asset).isUsed {
      if asset == 0 { settlement.interest.isUsed = true } else { assets[asset].interest.isUsed = true }
      sumInterest(of: asset)
    }
    if asset == 0 {
      settlement.interest.set(parameters, now: now)
    } else {
      assets[asset].interest.set(parameters, now: now)
    }
  }

  /// Adds up anew what all accounts owe and hold of an asset. O(accounts) or O(accounts + balances).
  public mutating func sumInterest(of asset: UInt32) {
    let sums = totalInterest(of: asset)
    if asset == 0 { settlement.interest = sums.interest } else { assets[asset].interest = sums.interest }
  }

  /// The interest of an asset with its totals added up anew; and what settling every balance would add to them all.
  public func totalInterest(of asset: UInt32) -> (interest: Interest, pending: Money) {
    var interest = interest(of: asset)
    interest.borrowed = .zero
    interest.supplied = .zero
    interest.borrowedWeight = 0
    interest.suppliedWeight = 0
    var pending = Money.zero
    for account in 1..<UInt32(accounts.count + 1) {
      if asset == 0 {
        interest.add(accounts[account].cash.rawValue, since: accounts[account].cashIndex)
        pending += pendingInterest(ofAccount: account)
      } else if case let balance = findBalance(account: account, asset: asset), balance != 0 {
        interest.add(Int128(balances[balance].amount), since: balances[balance].index)
        pending += Money(amount(of: balance)) - Money(balances[balance].amount)
      }
    }
    return (interest, pending)
  }

  /// Ends an interval of an asset's interest: holders become stale, and whoever owes is looked at again. O(1).
  public mutating func endInterestInterval(of asset: UInt32) {
    let hasMoved = asset == 0 ? settlement.interest.endInterval() : assets[asset].interest.endInterval()
    guard hasMoved else { return }
    if asset != 0 { assets[asset].epoch += 1 }
    epoch += 1
    needsSweep = true
  }

  /// When an asset's running interval ends becomes `next`.
  public mutating func setNextInterest(of asset: UInt32, to next: Timestamp) {
    if asset == 0 { settlement.interest.next = next } else { assets[asset].interest.next = next }
  }

  // MARK: What has been settled

  /// Whether a balance has been settled since ``takeSettledInterest()`` was last asked.
  @inlinable @inline(__always) public var hasSettledInterest: Bool {
    settledAccounts.count > 0 || settledBalances.count > 0
  }

  /// The next of them: settlement balances first, each in order of creation. Balance 0: the settlement currency.
  public mutating func takeSettledInterest() -> (account: UInt32, balance: UInt32, amount: Money)? {
    while case let account = settledAccounts.first(), account != 0 {
      settledAccounts.remove(account)
      let amount = accounts[account].settledInterest
      accounts[account].settledInterest = .zero
      if amount != .zero { return (account, 0, amount) }
    }
    while case let balance = settledBalances.first(), balance != 0 {
      settledBalances.remove(balance)
      let amount = balances[balance].settledInterest
      balances[balance].settledInterest = .zero
      if amount != .zero { return (balances[balance].account, balance, amount) }
    }
    return nil
  }
}

extension Interest {
  /// Takes a balance out of the totals and pays what it has grown by from the pool; returns that.
  mutating func settle(_ amount: Int128, since start: InterestIndex) -> Int128 {
    remove(amount, since: start)
    let paid = now(amount, since: start) - amount
    pool -= Money(paid)
    return paid
  }
}

/// A balance as it was before money moved, to put it back when the rules refuse that.
@frozen public struct MoneyTrial: BitwiseCopyable {
  var account: Account
  var balance: Balance?
  var interest: Interest
}

extension Ledger {
  /// Keeps what ``transferIn(_:account:asset:)`` can change.
  public func beginMoneyTrial(account: UInt32, asset: UInt32) -> MoneyTrial {
    let balance = asset == 0 ? 0 : findBalance(account: account, asset: asset)
    return MoneyTrial(
      account: accounts[account], balance: balance == 0 ? nil : balances[balance], interest: interest(of: asset))
  }

  /// Puts the balance back as it was, after the amount has been moved back; a record that was new is gone again.
  public mutating func undo(_ trial: MoneyTrial, account: UInt32, asset: UInt32) {
    if asset == 0 {
      settlement.interest = trial.interest
      accounts[account].cash = trial.account.cash
      accounts[account].cashIndex = trial.account.cashIndex
      accounts[account].settledInterest = trial.account.settledInterest
      accounts[account].interestDue = trial.account.interestDue
    } else {
      assets[asset].interest = trial.interest
      guard let before = trial.balance else { return }
      let balance = findBalance(account: account, asset: asset)
      balances[balance].amount = before.amount
      balances[balance].index = before.index
      balances[balance].settledInterest = before.settledInterest
      refreshValue(balance)
    }
  }
}
