import Values

/// What an account receives for giving up positions at its bankruptcy price: the price at which every position takes
/// its share of what is left (or missing) with it, so that the account has nothing, and owes nothing, when all are gone.
///
/// −ΔNNV − ⌊TNC·|ΔMMR|/TMMR⌋: rounded toward +∞, for the account and against whoever takes over.
/// Source: dYdX v4-chain, protocol/x/clob/keeper/liquidations.go, GetBankruptcyPriceInQuoteQuantums.
/// - Parameters:
///   - valueChange: ΔNNV, change of the net value of the account's positions at the marks (giving up a long: negative).
///   - equity: TNC, what the account is worth before; negative: it is bankrupt.
///   - requirementChange: |ΔMMR|, requirement that goes with the positions.
///   - requirement: TMMR > 0, requirement of the whole account before.
@inlinable public func bankruptcyValue(
  valueChange: Money, equity: Money, requirementChange: Money, requirement: Money
) -> Money {
  let share = productOverRoundedDown(equity.rawValue, requirementChange.rawValue, requirement.rawValue)
  return -valueChange - Money(share)
}

/// What the owner of a liquidated position pays to the insurance fund: ⌈value·rate⌉, but never what they do not have.
@inlinable public func liquidationPenalty(on value: Money, rate: Rate, equityAfter: Money) -> Money {
  max(.zero, min(rate.roundedUp(of: value), equityAfter))
}

/// The part of a loss that falls on one account's open profits, in proportion to all of them; rounded up.
@inlinable public func lossShare(of profits: Money, in total: Money, missing: Money) -> Money {
  precondition(total > .zero)
  return -Money(productOverRoundedDown(-profits.rawValue, missing.rawValue, total.rawValue))
}
