/// One part of what happens at a venue: the definitions it needs, and random commands of its kind.
///
/// A flow looks at the market through ``Cast`` and at what the venue said; it must be able to live beside all others.
protocol Flow {
  /// How often it acts, relative to the others.
  var weight: Int { get }
  /// Definitions, after those of the cast.
  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random)
  /// One or several commands.
  mutating func step(_ venue: DynamicVenue, _ random: inout Random)
}

extension Flow {
  mutating func setUp(_ venue: DynamicVenue, _ random: inout Random) {}
}

/// All flows. A new part of the venue adds its own here.
func allFlows() -> [any Flow] {
  [
    OrderFlow(),
    MarketFlow(),
    MoneyFlow(),
    FuturesFlow(),
    OptionsFlow(),
    RateFlow(),
    PreviewFlow(), FundingFlow(), FeeTierFlow(),
    ParameterFlow(),
    PreviewFlow(),
    PortfolioFlow(),
    ContingentFlow(),
    ListingFlow(),
    QuoteFlow(),
    StressFlow(),
    RiskQueryFlow(),
    MarkFlow(),
    LiquidationFlow(),
    InterestFlow(),
  ]
}
