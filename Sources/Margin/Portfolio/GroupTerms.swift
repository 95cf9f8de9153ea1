import Values

/// One risk group's part of an account's requirement, for whoever wants to explain it.
public struct GroupTerms: Sendable {
  /// Slot of the underlying.
  public var asset: UInt32
  public var range: Rate
  public var initialMultiplier: Rate
  /// The position as it is, and at the worst of every fill of the open orders.
  public var held: GroupPart
  public var worst: GroupPart
  /// ⌈initialMultiplier · requirement of the worst⌉.
  public var initialMargin: Money
}

/// What makes up one of the two requirements.
public struct GroupPart: Sendable {
  public var figures: GroupFigures
  public var credit: Money
  /// 1…16: the scenario that binds; 0: nothing loses.
  public var scenario: Int
  /// max(SL − credit + spread, short option minimum).
  public var requirement: Money { figures.requirement(credit: credit) }
}

extension Ledger {
  /// The terms of a holding of a touched account.
  public func groupTerms(of holding: UInt32, account: UInt32) -> GroupTerms {
    let group = holdings[holding].group
    func part(worst: Bool) -> GroupPart {
      let figures = figures(of: holding, account: account, worst: worst)
      return GroupPart(
        figures: figures, credit: credit(of: holding, figures, account: account, worst: worst),
        scenario: bindingScenario(of: holding, figures, account: account, worst: worst))
    }
    let (held, worst) = (part(worst: false), part(worst: true))
    let multiplier = groups[group].parameters.initialMultiplier
    return GroupTerms(
      asset: groups[group].asset, range: holdings[holding].range, initialMultiplier: multiplier, held: held,
      worst: worst, initialMargin: multiplier.roundedUp(of: worst.requirement))
  }

  private func bindingScenario(
    of holding: UInt32, _ figures: GroupFigures, account: UInt32, worst: Bool
  ) -> Int {
    if figures.scanLoss == .zero { return 0 }
    if holdings[holding].isWide {
      return 1
        + (0..<Scenarios.count).first {
          wideLoss($0, of: holding, account: account, worst: worst) == figures.scanLoss
        }!
    }
    return (worst ? holdings[holding].worst : holdings[holding].held).bindingScanLoss.scenario + 1
  }
}
