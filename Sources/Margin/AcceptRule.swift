import Values

extension AccountMargin {
  /// The accept rule: the account is sound afterwards, or the change reduced its risk.
  ///
  /// free ≥ 0 and cushion ≥ 0 afterwards; or IM did not rise, free did not fall, and the cushion did not fall from a
  /// value that was not negative or equity is at least 1.1 times the maintenance margin.
  @inlinable public static func isAcceptable(before: AccountMargin, after: AccountMargin) -> Bool {
    if after.free >= .zero && after.cushion >= .zero { return true }
    guard after.initialMargin <= before.initialMargin && after.free >= before.free else { return false }
    return (after.cushion >= before.cushion && before.cushion >= .zero)
      || 10 * after.equity.rawValue >= 11 * after.maintenanceMargin.rawValue
  }
}

extension Ledger {
  /// The first asset (by id) in which the account has, or could through its open orders come to have, a debt without a
  /// price. Checks that come upon one refuse: a missing price never counts as zero risk.
  @inlinable public func unpricedDebt(of account: UInt32) -> AssetId? {
    if unpricedAssets == 0 { return nil }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      let asset = balances[balance].asset
      if !assets[asset].hasPrice && Int128(amount(of: balance)) < balances[balance].payable.rawValue {
        return assets[asset].id
      }
      balance = balances[balance].next
    }
    return nil
  }

  /// What is missing in a balance to cover all its open orders can pay; zero or less: covered. The account has been
  /// touched.
  @inlinable public func shortfall(account: UInt32, balance: UInt32) -> Money {
    if balance == 0 { return accounts[account].payable - settledCash(of: account) }
    return balances[balance].payable - Money(amount(of: balance))
  }

  /// Free margin for the withdrawal rule: unrealised profits do not count, losses do.
  ///
  /// The free margin of a fully collateralised account holds no profit: its requirement moves with the mark as its
  /// equity does. So it counts as it is.
  public func withdrawableFree(of account: UInt32) -> Money {
    if accounts[account].mode == .fullyCollateralised { return margin(of: account).free }
    var losses = Money.zero
    var position = accounts[account].firstPosition
    while position != 0 {
      losses += min(positions[position].terms.profit, .zero)
      position = positions[position].next
    }
    let margin = margin(of: account)
    return margin.free - accounts[account].terms.profitInitial + losses
  }
}
