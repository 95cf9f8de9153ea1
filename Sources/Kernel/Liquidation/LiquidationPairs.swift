import Margin
import Values

// Portfolio mode: two positions that hedge each other are closed together, where closing one of them alone would raise the
// requirement. Protocol/rules.md §10.2.

extension Kernel {
  /// Accounts with more positions have none of their pairs tried: finding partners takes the square of their number.
  static var mostPositionsForPairs: Int { 128 }

  /// Tries the same parts of each position and of its partner, at the worst prices that they may be closed at.
  mutating func considerPairs(
    of account: UInt32, _ before: AccountMargin, _ best: inout Candidate, units: inout Int
  ) {
    guard ledger.accounts[account].positionCount <= Self.mostPositionsForPairs else { return }
    var position = ledger.accounts[account].firstPosition
    while position != 0 {
      let partner = partner(of: position, account)
      if partner != 0 { consider(position, with: partner, before, &best, units: &units) }
      position = ledger.positions[position].next
    }
  }

  private mutating func consider(
    _ position: UInt32, with partner: UInt32, _ before: AccountMargin, _ best: inout Candidate, units: inout Int
  ) {
    let most = (mostLots(of: position), mostLots(of: partner))
    guard most.0 > 0, most.1 > 0 else { return }
    let whole = (
      ledger.positions[position].quantity.magnitude.rawValue, ledger.positions[partner].quantity.magnitude.rawValue
    )
    for divisor: Int64 in [8, 4, 2, 1] {
      units -= 2
      let lots = min(whole.0.dividedRoundingUp(by: divisor), most.0)
      let partnerLots = min(whole.1.dividedRoundingUp(by: divisor), most.1)
      let candidate = Candidate(
        position: position, lots: lots, partner: partner, partnerLots: partnerLots,
        value: value(of: lots, position) + value(of: partnerLots, partner))
      if weigh(candidate, before, &best) { return }
    }
  }

  private func value(of lots: Int64, _ position: UInt32) -> Money {
    let instrument = ledger.positions[position].instrument
    return ledger.instruments[instrument].value(Quantity(lots), at: ledger.instruments[instrument].mark)
  }

  /// The position of the account that hedges `position` most: of the same underlying, of opposite delta, with the most of
  /// it; of equal ones the first. 0: there is none.
  private func partner(of position: UInt32, _ account: UInt32) -> UInt32 {
    let underlying = ledger.instruments[ledger.positions[position].instrument].baseAsset
    let isLong = exposure(of: position) > .zero
    guard exposure(of: position) != .zero else { return 0 }
    var (partner, most): (UInt32, Money) = (0, .zero)
    var other = ledger.accounts[account].firstPosition
    while other != 0 {
      let exposure = exposure(of: other)
      if exposure != .zero, (exposure > .zero) != isLong,
        ledger.instruments[ledger.positions[other].instrument].baseAsset == underlying
      {
        let size = exposure < .zero ? -exposure : exposure
        if size > most { (partner, most) = (other, size) }
      }
      other = ledger.positions[other].next
    }
    return partner
  }

  /// What a position gains in value when its underlying rises, as far as its sign and rough size go: its notional, of a
  /// put the other way round.
  private func exposure(of position: UInt32) -> Money {
    let record = ledger.instruments[ledger.positions[position].instrument]
    guard record.kind.isDerivative, !record.isExpired else { return .zero }
    if record.kind != .option { return record.value(ledger.positions[position].quantity, at: record.mark) }
    let value = record.value(ledger.positions[position].quantity, at: record.option.underlying)
    return record.option.isCall ? value : -value
  }
}
