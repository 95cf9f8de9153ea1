import Values

/// A position's record, and which records were made for it: they go again when the order that needed them is refused.
@frozen public struct PositionClaim: BitwiseCopyable {
  public let slot: UInt32
  @usableFromInline let isNew: Bool
  @usableFromInline let exposureIsNew: Bool
  @usableFromInline let baseIsNew: Bool
  @usableFromInline let quoteIsNew: Bool

  @inlinable init(slot: UInt32, isNew: Bool, exposureIsNew: Bool, baseIsNew: Bool, quoteIsNew: Bool) {
    self.slot = slot
    self.isNew = isNew
    self.exposureIsNew = exposureIsNew
    self.baseIsNew = baseIsNew
    self.quoteIsNew = quoteIsNew
  }
}

extension Ledger {
  /// The position record of an account in an instrument, made when it is new; there must be room.
  @inlinable public mutating func claimPosition(account: UInt32, instrument: UInt32) -> PositionClaim {
    let known = findPosition(account: account, instrument: instrument)
    if known != 0 {
      return PositionClaim(slot: known, isNew: false, exposureIsNew: false, baseIsNew: false, quoteIsNew: false)
    }
    return makePosition(account: account, instrument: instrument)
  }

  @usableFromInline mutating func makePosition(account: UInt32, instrument: UInt32) -> PositionClaim {
    let (base, quote) = (instruments[instrument].baseAsset, instruments[instrument].quoteAsset)
    let isSpot = instruments[instrument].kind == .spot
    let exposureIsNew = exposureIndex.find(UInt64(accounts[account].master), UInt64(instrument)) == 0
    let baseIsNew = isSpot && base != 0 && findBalance(account: account, asset: base) == 0
    let quoteIsNew = isSpot && quote != 0 && findBalance(account: account, asset: quote) == 0
    let slot = position(account: account, instrument: instrument)
    return PositionClaim(
      slot: slot, isNew: true, exposureIsNew: exposureIsNew, baseIsNew: baseIsNew, quoteIsNew: quoteIsNew)
  }

  /// Takes back the records that a refused order had made.
  public mutating func release(_ claim: PositionClaim) {
    guard claim.isNew else { return }
    let record = positions[claim.slot]
    if record.leg != 0 { detachLeg(from: claim.slot) }
    unlink(position: claim.slot, of: record.account)
    accounts[record.account].terms -= record.terms
    positionIndex.remove(UInt64(record.account), UInt64(record.instrument))
    positions.remove(claim.slot)
    if claim.exposureIsNew {
      exposureIndex.remove(UInt64(accounts[record.account].master), UInt64(record.instrument))
      exposures.remove(record.exposure)
    }
    if claim.baseIsNew { removeBalance(account: record.account, asset: instruments[record.instrument].baseAsset) }
    if claim.quoteIsNew { removeBalance(account: record.account, asset: instruments[record.instrument].quoteAsset) }
  }

  private mutating func unlink(position slot: UInt32, of account: UInt32) {
    var previous: UInt32 = 0
    var current = accounts[account].firstPosition
    while current != slot {
      previous = current
      current = positions[current].next
    }
    let next = positions[slot].next
    if previous == 0 { accounts[account].firstPosition = next } else { positions[previous].next = next }
    accounts[account].positionCount -= 1
  }

  /// Removes an empty balance record that a refused request had made.
  public mutating func removeBalance(account: UInt32, asset: UInt32) {
    let slot = findBalance(account: account, asset: asset)
    precondition(slot != 0 && balances[slot].amount == 0 && balances[slot].payable == .zero)
    accounts[account].collateralMaintenance -= balances[slot].valueMaintenance
    accounts[account].collateralInitial -= balances[slot].valueInitial
    var previous: UInt32 = 0
    var current = accounts[account].firstBalance
    while current != slot {
      previous = current
      current = balances[current].next
    }
    let next = balances[slot].next
    if previous == 0 { accounts[account].firstBalance = next } else { balances[previous].next = next }
    settledBalances.remove(slot)
    balanceIndex.remove(UInt64(account), UInt64(asset))
    balances.remove(slot)
  }
}
