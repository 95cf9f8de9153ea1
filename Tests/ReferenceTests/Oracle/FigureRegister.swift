/// What became of each published figure that the margin specification was written with: the test it is, or why it is none.
enum FigureRegister {
  enum Fate {
    /// File below Tests, and the function in it.
    case test(String, String)
    /// The rule is another one here.
    case otherRule(String)
  }

  struct Row {
    let family: String
    /// What follows the family in the names of the figures.
    let numbers: [String]
    let fate: Fate
    var ids: [String] { numbers.map { family + "-" + $0 } }
  }

  private static func row(_ family: String, _ numbers: String, _ fate: Fate) -> Row {
    Row(family: family, numbers: numbers.split(separator: " ").map(String.init), fate: fate)
  }

  static let rows: [Row] = tests + others

  private static let figures = "ReferenceTests/Oracle/PublicFigures.swift"
  private static let examples = "ReferenceTests/Oracle/PublicExamples.swift"
  private static let prices = "ReferenceTests/Oracle/PublicLiquidationPrices.swift"
  private static let liquidation = "MarginTests/LiquidationRuleTests.swift"
  private static let black76 = "MarginTests/Options/Black76Tests.swift"
  private static let funding = "MarginTests/Flows/FundingTests.swift"
  private static let requirement = "MarginTests/Options/OptionRequirementTests.swift"

  private static let tests: [Row] = [
    row("ADL ranking (BitMEX)", "001", .test(liquidation, "bitmex")),
    row(
      "BS value (Haug)",
      "003 008 009 010 011 012 013 015 016 018 020 022 023 026 027 028 029 030 032 034 035 036 037 038 039 041 042 043",
      .test(black76, "haug")),
    row("Greeks (Haug)", "001 002 003 005 007 008 009 010", .test(black76, "haug")),
    row("Quanto option", "001 002", .test(black76, "quanto")),
    row("Black-76 (Derive SRM)", "001 003 004 005 006 008 009 012 013", .test(black76, "derive")),
    row("Vol shock term structure (Deribit)", "001 002", .test(black76, "shocks")),
    row("Bankruptcy price (dYdX)", "001 002 003 004 005 006 009 010 011", .test(liquidation, "bankruptcy")),
    row("Insurance fund", "001 002", .test(liquidation, "fundResult")),
    row("Bracket maintenance amount", "001 004", .test(figures, "binanceBitcoin")),
    row("Bracket maintenance amount", "003", .test(figures, "binanceZcash")),
    row("Bracket maintenance amount", "005", .test(figures, "smallBracket")),
    row("Fully collateralised mode (Vega)", "001", .test(examples, "vegaFullyCollateralised")),
    row("Funding (Paradex)", "001", .test(funding, "paradexRate")),
    row("Funding (Paradex)", "002", .test(funding, "paradexPayment")),
    row("Funding clamp (dYdX)", "001 002", .test(funding, "dydxClamp")),
    row("Funding index (dYdX)", "002 004 005 006", .test(funding, "dydxSettlement")),
    row("IMR/MMR (dYdX)", "001", .test(examples, "dydxRequirements")),
    row("IMR/MMR (dYdX)", "002", .test("DynamicTests/Rates/VolatilityScenarios.swift", "openInterest")),
    row("Liquidation price (Binance)", "001", .test(examples, "binanceLiquidation")),
    row("Liquidation price (Binance)", "003 004", .test(prices, "binanceCross")),
    row("Liquidation price (other)", "001", .test(examples, "crossLiquidation")),
    row("Liquidation price (other)", "004", .test(prices, "hyperliquid")),
    row("Liquidity-scaled MM (Vega)", "001 002", .test(examples, "vegaLiquidity")),
    row("Max loss at expiry (LEAN)", "002 003", .test("MarginTests/Options/OptionMarkTests.swift", "condor")),
    row("OI-scaled IM (dYdX)", "001 002 003 004", .test(figures, "dydxInitialMargin")),
    row(
      "OI-scaled IM (dYdX)", "005 006",
      .test("MarginTests/Dynamics/OpenInterestRateTests.swift", "initialMarginScalesWithOpenInterestAsOnDydx")),
    row("Order risk check (Paradex)", "001", .test(prices, "paradexRiskChecks")),
    row(
      "SPAN risk array", "002 003", .test("MarginTests/Portfolio/ScanLossTests.swift", "spanExamplesOfMcMillan")),
    row("SPAN scenario table", "001", .test("MarginTests/Portfolio/ScanLossTests.swift", "theScenariosAreThoseOfSPAN")),
    row(
      "SRM",
      // The premium is in equity here, not in the requirement. Tests 10 and 16 have the inputs of Test 1.
      "Test1-ETHOptionIsolatedIM Test1-ETHOptionIsolatedMM Test10-ETHOptionIsolatedIM Test10-ETHOptionIsolatedMM "
        + "Test16-ETHOptionIsolatedMM Test24-ETHOptionIsolatedIM Test3-ETHOptionIsolatedIM Test3-ETHOptionIsolatedMM "
        + "Test4-ETHOptionIsolatedIM", .test(requirement, "derive")),
    row("Size premium / IMF (Drift)", "001 003 004", .test(figures, "driftSizePremium")),
    row("Worst-case open orders (Mango)", "001 002", .test(examples, "mangoOpenOrders")),
    row("Worst-case open orders (Paradex)", "001", .test(examples, "paradexOpenOrders")),
    row("Worst-case open orders (Vega)", "001 002 003", .test(figures, "vegaWorstCase")),
  ]

  private static let others: [Row] = [
    row(
      "Contingencies (Deribit)", "001",
      .otherRule("per net short strike; here a minimum per short option and a calendar charge per underlying")),
    row(
      "Deposit-scaled collateral weight", "002 003 004 005",
      .otherRule("weights fall with all deposits of the venue; here haircuts rise with the account's own balance")),
    row(
      "Edge case (Derive PMRM2)", "001",
      .otherRule("option values are discounted, at negative rates too; here nothing is discounted")),
    row(
      "Fillable price (dYdX)", "001 002 003 005 007 008",
      .otherRule("the limit of a liquidation order follows the account's health; here mark and maximum slippage")),
    row(
      "Health (Mango)", "001 002 003 004",
      .otherRule("a whole perpetual market counts as a token with weights; here profit, rates and collateral apart")),
    row("Inverse (coin-m) margin", "001", .otherRule("no instruments that settle in their base asset")),
    row(
      "Liability transfer (Drift)", "001 002 003",
      .otherRule("debts pass to a liquidator against collateral at a discount; here the fund takes accounts whole")),
    row(
      "Liquidation price (other)", "003",
      .otherRule("keeps the maintenance margin of the entry; here that of the mark, as in number 004")),
    row(
      "Loss waterfall (Percolator)", "001 002",
      .otherRule("profits ripen before they count; here the fund, then ranks, then open profits pay")),
    row(
      "Min delta requirement (Paradex)", "001",
      .otherRule("a charge on hedged and unhedged delta; here scenarios and the calendar charge")),
    row(
      "PMRM2",
      "12-margin 18-margin 19-margin 22-margin 23-margin 24-margin 26-margin 27-margin 28-margin 46-margin 47-margin "
        + "48-margin 50-margin 56-margin 68-margin 71-margin",
      .otherRule("23 scenarios with contingencies and discounts; here SPAN's 16, whose figures are tests")),
    row(
      "PMRM2",
      "12-scen 19-scen 21-scen 24-scen 27-scen 28-scen 34-scen 38-scen 39-scen 40-scen 42-scen 46-scen 47-scen 48-scen "
        + "50-scen 51-scen 56-scen 67-scen 68-scen 69-scen 70-scen",
      .otherRule("the same scenarios, each option with a static discount; here SPAN's 16 without one")),
    row(
      "Partial liquidation size (Drift)", "001 003 004 005",
      .otherRule("solves for the size that restores the margin; here eighths, tried exactly")),
    row(
      "Partial liquidation table (Paradex)", "001 002 004",
      .otherRule("a share of all positions at once, for a fee on margin; here one position, for a fee on value")),
    row(
      "SRM", "Test21-ETHOptionIsolatedIM Test21-ETHOptionIsolatedMM",
      .otherRule("the requirement of a deep put grows with its own mark; here it is bounded by the underlying")),
    row("Scenario grid (Paradex)", "001", .otherRule("24 scenarios with eight tails; here SPAN's 16")),
    row(
      "Size premium / IMF (Drift)", "005 007 008",
      .otherRule("weights of collateral fall with √size; here haircut brackets, the premium is for positions")),
    row(
      "Socialised loss (Paradex)", "001",
      .otherRule("withdrawals are cut by a factor; here open profits pay what is missing")),
    row(
      "Stable price limits (Mango)", "001",
      .otherRule("the stable price is computed by the venue; here an oracle gives it")),
  ]
}
