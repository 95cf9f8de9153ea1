import Values

extension Ledger {
  /// What an index price that may be wrong admits from now on, for the asset and every instrument that depends on it.
  /// O(instruments); guards change rarely.
  public mutating func setGuard(of asset: UInt32, to oracleGuard: OracleGuard) {
    let before = assets[asset].oracleGuard
    guard before != oracleGuard else { return }
    if before == .normal { guardedAssets += 1 }
    if oracleGuard == .normal { guardedAssets -= 1 }
    assets[asset].oracleGuard = oracleGuard
    assets[asset].epoch += 1
    epoch += 1
    for instrument in 1..<UInt32(instruments.count + 1)
    where instruments[instrument].baseAsset == asset || instruments[instrument].quoteAsset == asset {
      refreshGuard(of: instrument)
    }
  }

  /// Whether the instrument's mark is made from the index of its base asset.
  public mutating func setFollowsIndex(_ instrument: UInt32, to followsIndex: Bool) {
    instruments[instrument].followsIndex = followsIndex
    refreshGuard(of: instrument)
  }

  /// A spot pair depends on the prices of both assets, a derivative on that of its base if its mark is made
  /// from it, as an option's always is.
  mutating func refreshGuard(of instrument: UInt32) {
    let (base, quote) = (instruments[instrument].baseAsset, instruments[instrument].quoteAsset)
    var oracleGuard = OracleGuard.normal
    if instruments[instrument].kind == .spot {
      if base != 0 { oracleGuard = assets[base].oracleGuard }
      if quote != 0 { oracleGuard = max(oracleGuard, assets[quote].oracleGuard) }
    } else if instruments[instrument].followsIndex || instruments[instrument].kind == .option {
      oracleGuard = assets[base].oracleGuard
    }
    guard instruments[instrument].oracleGuard != oracleGuard else { return }
    instruments[instrument].oracleGuard = oracleGuard
    instruments[instrument].epoch += 1
    epoch += 1
  }

  /// Whether positions in the instrument may be called and liquidated at its mark.
  public func admitsLiquidation(instrument: UInt32) -> Bool { instruments[instrument].oracleGuard.admitsLiquidation }

  /// Whether nothing that the account's cushion rests on stands under a guard that liquidates nobody. O(1) while no
  /// asset is guarded, else O(positions + balances).
  public func admitsLiquidation(account: UInt32) -> Bool {
    if guardedAssets == 0 { return true }
    var position = accounts[account].firstPosition
    while position != 0 {
      if positions[position].quantity != .zero && !admitsLiquidation(instrument: positions[position].instrument) {
        return false
      }
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      if balances[balance].amount != 0 && !assets[balances[balance].asset].oracleGuard.admitsLiquidation {
        return false
      }
      balance = balances[balance].next
    }
    return true
  }

  /// What of an account that has been touched rests on guarded prices, for the withdrawal rule. `needed`: the first asset
  /// whose price a debt (or one that open orders could make) or a position needs. `holdings`: what balances add to initial
  /// equity at such prices; `held`: the first of them.
  public func guardedInputs(of account: UInt32) -> (needed: AssetId?, holdings: Money, held: AssetId?) {
    var (asset, holdings, held): (AssetId?, Money, AssetId?) = (nil, .zero, nil)
    if guardedAssets == 0 || accounts[account].mode == .fullyCollateralised { return (asset, holdings, held) }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      let record = balances[balance]
      if !assets[record.asset].oracleGuard.admitsWithdrawals {
        if Int128(amount(of: balance)) < record.payable.rawValue { asset = asset ?? assets[record.asset].id }
        if record.valueInitial > .zero {
          holdings += record.valueInitial
          held = held ?? assets[record.asset].id
        }
      }
      balance = record.next
    }
    var position = accounts[account].firstPosition
    while position != 0 {
      let instrument = positions[position].instrument
      if instruments[instrument].kind != .spot && !instruments[instrument].oracleGuard.admitsWithdrawals
        && (positions[position].quantity != .zero || positions[position].allBuy > 0 || positions[position].allSell > 0)
      {
        asset = asset ?? instruments[instrument].base
      }
      position = positions[position].next
    }
    return (asset, holdings, held)
  }
}
