import Values

/// The records that one order event of one account can change, kept to put them back after a trial.
@frozen public struct Trial: BitwiseCopyable {
  @usableFromInline var account: Account
  @usableFromInline var position: Position
  @usableFromInline var exposure: Exposure
  @usableFromInline var base: Balance?
  @usableFromInline var quote: Balance?
  @usableFromInline var settlementFees: Money
  @usableFromInline var quoteFees: Money
  @usableFromInline var openInterest: Quantity
  @usableFromInline var fundingPool: Money
  @usableFromInline var settlementInterest: Interest
  @usableFromInline var baseInterest: Interest
  @usableFromInline var quoteInterest: Interest

  @inlinable init(
    account: Account, position: Position, exposure: Exposure, base: Balance?, quote: Balance?, settlementFees: Money,
    quoteFees: Money, openInterest: Quantity, fundingPool: Money, settlementInterest: Interest,
    baseInterest: Interest, quoteInterest: Interest
  ) {
    self.account = account
    self.position = position
    self.exposure = exposure
    self.base = base
    self.quote = quote
    self.settlementFees = settlementFees
    self.quoteFees = quoteFees
    self.openInterest = openInterest
    self.fundingPool = fundingPool
    self.settlementInterest = settlementInterest
    self.baseInterest = baseInterest
    self.quoteInterest = quoteInterest
  }
}

extension Ledger {
  /// Keeps what a trial on `position` can change. The trial then runs the same code as the real thing.
  @inlinable public func beginTrial(on position: UInt32) -> Trial {
    let instrument = positions[position].instrument
    let (base, quote) = (positions[position].baseBalance, positions[position].quoteBalance)
    let quoteAsset = instruments[instrument].quoteAsset
    return Trial(
      account: accounts[positions[position].account], position: positions[position],
      exposure: exposures[positions[position].exposure], base: base == 0 ? nil : balances[base],
      quote: quote == 0 ? nil : balances[quote], settlementFees: settlement.fees,
      quoteFees: quoteAsset == 0 ? .zero : assets[quoteAsset].fees, openInterest: instruments[instrument].openInterest,
      fundingPool: instruments[instrument].funding.pool, settlementInterest: settlement.interest,
      baseInterest: interest(of: instruments[instrument].baseAsset), quoteInterest: interest(of: quoteAsset))
  }

  /// Puts everything back as it was when the trial began.
  @inlinable public mutating func undo(_ trial: Trial, on position: UInt32) {
    let instrument = trial.position.instrument
    accounts[trial.position.account] = trial.account
    positions[position] = trial.position
    // The epoch of an exposure only ever rises, or another account's stale terms could pass for fresh.
    let epoch = exposures[trial.position.exposure].epoch
    exposures[trial.position.exposure] = trial.exposure
    if epoch != trial.exposure.epoch {
      exposures[trial.position.exposure].epoch = epoch + 1
      positions[position].exposureEpoch = epoch + 1
      // Accounts of the master that were touched during the trial have seen what is now taken back.
      masters[trial.account.master].epoch += 1
    }
    if let base = trial.base { balances[trial.position.baseBalance] = base }
    if let quote = trial.quote { balances[trial.position.quoteBalance] = quote }
    settlement.fees = trial.settlementFees
    if instruments[instrument].quoteAsset != 0 { assets[instruments[instrument].quoteAsset].fees = trial.quoteFees }
    instruments[instrument].openInterest = trial.openInterest
    instruments[instrument].funding.pool = trial.fundingPool
    settlement.interest = trial.settlementInterest
    if trial.base != nil { assets[instruments[instrument].baseAsset].interest = trial.baseInterest }
    if trial.quote != nil { assets[instruments[instrument].quoteAsset].interest = trial.quoteInterest }
    let leg = positions[position].leg
    if leg != 0 { rebuild(legs[leg].holding, of: trial.position.account) }
  }
}
