import Values

// Standard-mode requirement of an option (README.md, "Options"). Sources: the form is that of Deribit's and Derive's
// standard margin, without their "+ premium": equity holds the negative value of a short already.

extension Ledger {
  /// Maintenance margin of holding `lots`: ⌈|q|·U·m·o_mm⌉, of a long at most its value.
  @usableFromInline func optionMaintenance(of lots: Int64, instrument: UInt32) -> Money {
    let size = Quantity(lots).magnitude
    let underlying = instruments[instrument].value(size, at: instruments[instrument].option.underlying)
    let required = instruments[instrument].option.parameters.maintenanceRate.roundedUp(of: underlying)
    return lots < 0 ? required : min(required, instruments[instrument].value(size, at: instruments[instrument].mark))
  }

  /// Initial margin of holding `lots`: of a short ⌈|q|·m·max(o_max·U − OTM, o_min·U)⌉, of a long 0, because its value
  /// counts nothing in initial equity.
  @usableFromInline func optionInitial(of lots: Int64, instrument: UInt32) -> Money {
    if lots >= 0 { return .zero }
    let option = instruments[instrument].option
    let size = Quantity(-lots)
    let underlying = instruments[instrument].value(size, at: option.underlying)
    let lowest = option.parameters.minimumRate.roundedUp(of: underlying)
    // ⌈o_max·N − OTM⌉ = ⌈o_max·N⌉ − OTM, because the second amount is whole.
    let relief = instruments[instrument].value(size, at: Price(option.outOfTheMoney(at: option.underlying)))
    return max(lowest, option.parameters.maximumRate.roundedUp(of: underlying) - relief)
  }

  /// R_buy + R_sell of an option in standard mode. Lots that close and lots that open are reckoned apart: closing lots
  /// lose what their limit is worse than the mark, lots bought to open their whole premium, lots sold to open what their
  /// limit is below the mark.
  ///
  /// What closing brings never pays for opening, so no fill makes the reserve rise. With such a credit it could, and an
  /// account whose multiplier is above 1 would lose free margin by a fill.
  @usableFromInline func optionOpenLoss(of position: UInt32) -> Money {
    let instrument = positions[position].instrument
    let mark = instruments[instrument].mark.rawValue
    let held = positions[position].quantity.rawValue
    var loss = Money.zero
    let buys = positions[position].reachableBuy
    if buys > 0 {
      let limit = positions[position].worstBuy.rawValue
      let closing = min(buys, max(-held, 0))
      loss += instruments[instrument].value(Quantity(closing), at: Price(max(0, limit - mark)))
      loss += instruments[instrument].value(Quantity(buys - closing), at: Price(limit))
    }
    let sells = positions[position].reachableSell
    if sells > 0 {
      let limit = positions[position].worstSell.rawValue
      let opening = sells - min(sells, max(held, 0))
      loss += instruments[instrument].value(Quantity(opening), at: Price(max(0, mark - limit)))
    }
    return loss
  }
}
