import Margin
import Values

// The auditor's view of one option position: every term from the definition in Sources/Margin/README.md.

extension PlainMargin {
  mutating func addOption(_ position: Position, _ open: OpenTotals, _ ledger: borrowing Ledger) {
    let instrument = ledger.instruments[position.instrument]
    let quantity = Int128(position.quantity.rawValue)
    let unit = Int128(instrument.mark.rawValue) * Int128(instrument.multiplier)
    let value = quantity * unit - position.cost.rawValue
    equity += value
    if instrument.phase == .expired {
      initialEquity += value
      return
    }
    let long = quantity + open.buy.plain + min(open.buy.reducing, max(-quantity, 0))
    let short = quantity - open.sell.plain - min(open.sell.reducing, max(quantity, 0))
    let buys = open.buy.plain + min(open.buy.reducing, max(-quantity, 0) + open.sell.plain)
    let sells = open.sell.plain + min(open.sell.reducing, max(quantity, 0) + open.buy.plain)
    let multiplier = Int128(instrument.multiplier)
    let highest = Int128(position.worstBuy.rawValue) * multiplier
    let lowest = Int128(position.worstSell.rawValue) * multiplier
    var loss = buys * max(0, highest - unit) + sells * max(0, unit - lowest)
    let countsValue = isFullyCollateralised || isPortfolio && !Self.isSuspect(instrument.oracleGuard)
    if !countsValue {
      // Lots bought beyond what is short cost their premium; lots sold out of what is held lose nothing.
      let opened = max(0, buys - max(0, -quantity))
      loss += opened * (highest - max(0, highest - unit)) - min(sells, max(0, quantity)) * max(0, unit - lowest)
    }
    initialEquity += countsValue ? value : min(0, value)
    if isPortfolio {
      // The rest is in the scenarios of the group.
      portfolio.add(PlainPortfolio.Lots(held: quantity, long: long, short: short), instrument, ledger)
      initialMargin += loss + open.buy.provision + open.sell.provision
      return
    }
    maintenanceMargin += optionRequirement(quantity, instrument, initial: false)
    initialMargin +=
      max(
        optionRequirement(long, instrument, initial: true), optionRequirement(short, instrument, initial: true))
      + loss + open.buy.provision + open.sell.provision
  }

  private func optionRequirement(_ lots: Int128, _ instrument: Instrument, initial: Bool) -> Int128 {
    let multiplier = Int128(instrument.multiplier)
    let value = abs(lots) * Int128(instrument.mark.rawValue) * multiplier
    if isFullyCollateralised {
      return lots >= 0 ? value : -lots * Int128(instrument.maximumPrice.rawValue) * multiplier - value
    }
    let option = instrument.option
    let notional = Money(abs(lots) * Int128(option.underlying.rawValue) * multiplier)
    if !initial {
      let required = option.parameters.maintenanceRate.roundedUp(of: notional).rawValue
      return lots < 0 ? required : min(value, required)
    }
    if lots >= 0 { return 0 }
    let (underlying, strike) = (Int128(option.underlying.rawValue), Int128(option.strike.rawValue))
    let out = max(0, option.isCall ? strike - underlying : underlying - strike) * -lots * multiplier
    return max(
      option.parameters.maximumRate.roundedUp(of: notional).rawValue - out,
      option.parameters.minimumRate.roundedUp(of: notional).rawValue)
  }
}
