import Values
import Wire

/// Market makers who quote several instruments of all kinds at once, move and shrink their quotes, and pull them.
struct QuoteFlow: Flow {
  var weight: Int { 14 }
  private var last: (account: UInt32, rows: [MassQuote.Row])?

  mutating func step(_ venue: DynamicVenue, _ random: inout Random) {
    if let last, random.chance(150) {
      venue.send(
        MassCancel(
          requestId: 0, account: AccountId(last.account), instrument: .none, side: .both, quotesOnly: true),
        from: Cast.key(of: last.account))
      self.last = nil
      return
    }
    let account = last != nil && random.chance(500) ? last!.account : random.pick(Cast.accounts)
    var rows = (0..<random.number(1...4)).map { _ in row(venue, &random) }
    if let last, last.account == account, random.chance(700) {
      rows = last.rows.map { row in
        var row = row
        if random.chance(400) { row.bidQuantity = Quantity(row.bidQuantity.rawValue / 2) }
        if random.chance(300) { row.askPrice = Price(row.askPrice.rawValue + random.number(0...2)) }
        return row
      }
    }
    venue.send(
      MassQuote(
        requestId: 0, account: AccountId(account), isPostOnly: random.chance(500),
        selfTradePrevention: random.pick([.allow, .cancelNewest, .cancelOldest, .decrement])), rows: rows,
      from: Cast.key(of: account))
    last = (account, rows)
  }

  private func row(_ venue: DynamicVenue, _ random: inout Random) -> MassQuote.Row {
    let instrument = random.pick(venue.instruments)
    let mark = venue.mark(of: instrument) ?? Cast.startingPrice(instrument)
    let bid = max(1, mark * random.number(990...1_004) / 1_000)
    return MassQuote.Row(
      bidPrice: Price(bid), bidQuantity: Quantity(random.chance(80) ? 0 : random.number(1...300)),
      askPrice: Price(bid + max(1, mark * random.number(1...8) / 1_000)),
      askQuantity: Quantity(random.chance(80) ? 0 : random.number(1...300)), instrument: instrument)
  }
}
