/// The built-in venue: BTC and ETH, spot and perpetual, accounts with mixed collateral.
public enum ExampleVenue {
  /// A ready-made set of margin parameters for the perpetuals.
  public enum MarginSet: String, CaseIterable, Sendable {
    /// One fixed rate per instrument: 5 % initial, 2.5 % maintenance.
    case `static`
    /// Rates that rise with the position, like tax brackets.
    case tiered
    /// Tiers, and requirements that move with size, volatility and liquidity.
    case dynamic
    /// The dynamic set, and risk groups: accounts in portfolio mode are charged by scenarios.
    case portfolio
  }

  /// Key files that the venue file names, relative to it.
  public static let keyFiles = [
    "keys/admin.key", "keys/oracle.key", "keys/observer.key", "keys/maker-1.key", "keys/maker-2.key",
    "keys/taker-1.key", "keys/taker-2.key", "keys/taker-3.key", "keys/taker-4.key", "keys/taker-5.key",
  ]

  /// The venue file.
  public static func text(margin: MarginSet) -> String {
    header + schedules(margin) + assets + instruments(margin) + riskGroups(margin) + accounts(margin) + liquidation
      + keys
  }

  private static let header = """
    # A Lockstep venue: everything that exists on its first day. On an empty data directory
    #   lockstep serve --config venue.toml --data DIR
    # turns this file into the first commands of the journal; from then on the venue is changed with `lockstep admin`.
    #
    # Decimal numbers stand in quotes, so that nothing is ever rounded. Rates may be written "0.005" or "0.5%".

    [venue]
    name = "Lockstep example"
    settlement = "USD"        # profit, loss, fees and margin are counted in it
    money_digits = 8          # one money quantum is 10^-8 USD
    # id = "6c6f636b73746570" # part of every login signature; random unless given

    [limits]                  # sizes of tables, fixed for the life of the venue; see `lockstep check-config`
    accounts = 10_000
    keys = 1_000
    instruments = 64
    assets = 64
    schedules = 128
    positions = 40_000
    balances = 40_000
    orders = 1_000_000
    orders_per_account = 10_000


    """

  private static let haircuts = """
    [[schedules]]             # how much of a holding in BTC or ETH does not count, by its value in USD
    name = "haircut-maintenance"
    brackets = [["0", "5%"], ["1_000_000", "8%"], ["10_000_000", "15%"]]

    [[schedules]]
    name = "haircut-initial"
    brackets = [["0", "8%"], ["1_000_000", "12%"], ["10_000_000", "25%"]]


    """

  private static func schedules(_ margin: MarginSet) -> String {
    guard margin != .static else { return haircuts }
    return haircuts + """
      [[schedules]]             # margin tiers by notional in USD, marginal like tax brackets
      name = "tiers-maintenance"
      brackets = [
        ["0", "0.4%"], ["50_000", "0.5%"], ["250_000", "1%"], ["3_000_000", "2.5%"], ["15_000_000", "5%"],
        ["30_000_000", "10%"], ["80_000_000", "25%"],
      ]

      [[schedules]]
      name = "tiers-initial"
      brackets = [
        ["0", "0.8%"], ["50_000", "1%"], ["250_000", "2%"], ["3_000_000", "5%"], ["15_000_000", "10%"],
        ["30_000_000", "20%"], ["80_000_000", "50%"],
      ]


      """
  }

  private static let assets = """
    [[assets]]
    id = 1
    symbol = "BTC"
    digits = 8
    price_digits = 2          # index prices in steps of 0.01 USD
    haircut_maintenance = "haircut-maintenance"
    haircut_initial = "haircut-initial"
    debt_addon_maintenance = "5%"
    debt_addon_initial = "10%"
    index = "64000"
    stable_index = "63800"    # slow price: initial margin takes the worse of the two

    [[assets]]
    id = 2
    symbol = "ETH"
    digits = 8
    price_digits = 2
    haircut_maintenance = "haircut-maintenance"
    haircut_initial = "haircut-initial"
    debt_addon_maintenance = "5%"
    debt_addon_initial = "10%"
    index = "3200"
    stable_index = "3190"


    """

  private static func instruments(_ margin: MarginSet) -> String {
    """
    [[instruments]]
    id = 1
    symbol = "BTC-PERP"
    kind = "perpetual"
    base = "BTC"
    price_unit = "0.1"
    lot_size = "0.001"
    price_band = "5%"         # orders may not be worse than mark ± 5 %
    maximum_order = "100"     # in BTC
    position_limit = "1000"
    maker_fee = "-0.005%"     # a rebate
    taker_fee = "0.05%"
    mark = "64000"
    phase = "continuous"
    \(parameters(margin, sizeFactor: "0.0002", impact: ["1", "10", "50", "200", "1000"]))
    [[instruments]]
    id = 2
    symbol = "ETH-PERP"
    kind = "perpetual"
    base = "ETH"
    price_unit = "0.01"
    lot_size = "0.01"
    price_band = "5%"
    maximum_order = "2000"    # in ETH
    position_limit = "20000"
    maker_fee = "-0.005%"
    taker_fee = "0.05%"
    mark = "3200"
    phase = "continuous"
    \(parameters(margin, sizeFactor: "0.00005", impact: ["20", "200", "1000", "4000", "20000"]))
    [[instruments]]
    id = 3
    symbol = "BTC/USD"
    kind = "spot"
    base = "BTC"
    quote = "USD"
    price_unit = "0.01"
    lot_size = "0.00001"
    maker_fee = "0"
    taker_fee = "0.1%"
    phase = "continuous"

    [[instruments]]
    id = 4
    symbol = "ETH/USD"
    kind = "spot"
    base = "ETH"
    quote = "USD"
    price_unit = "0.01"
    lot_size = "0.0001"
    maker_fee = "0"
    taker_fee = "0.1%"
    phase = "continuous"


    """
  }

  private static func parameters(_ margin: MarginSet, sizeFactor: String, impact: [String]) -> String {
    switch margin {
    case .static:
      return """

        [instruments.margin]      # static margin: fixed rates
        maintenance_base = "2.5%"
        initial_base = "5%"
        liquidation_fee = "0.5%"
        maximum_slippage = "1%"

        """
    case .tiered:
      return """

        [instruments.margin]      # tiered margin
        maintenance_tiers = "tiers-maintenance"
        initial_tiers = "tiers-initial"
        liquidation_fee = "0.1%"
        maximum_slippage = "0.2%"

        """
    case .dynamic, .portfolio:
      let rates = ["0.05%", "0.2%", "0.6%", "1.5%", "4%"]
      let curve = zip(impact, rates).map { "[\"\($0)\", \"\($1)\"]" }.joined(separator: ", ")
      return """

        [instruments.margin]      # dynamic margin: the largest of tiers, size, volatility; liquidity on top
        maintenance_tiers = "tiers-maintenance"
        initial_tiers = "tiers-initial"
        maintenance_base = "0.5%"
        initial_base = "1%"
        size_factor = "\(sizeFactor)"       # × square root of the position in units of the underlying
        maintenance_volatility = "1.2%"
        initial_volatility = "2%"
        volatility_ratio = "1.3"  # initial volatility rate is at least this times the maintenance one
        profit_weight = "0.9"     # of unrealised profit, in initial equity
        liquidation_fee = "0.1%"
        maximum_slippage = "0.3%"

        [instruments.impact]      # cost of closing a position of that size
        longs = [\(curve)]
        shorts = [\(curve)]

        """
    }
  }

  private static func riskGroups(_ margin: MarginSet) -> String {
    guard margin == .portfolio else { return "" }
    return """
      [[risk_groups]]           # portfolio mode: sixteen scenarios of what BTC may do in a day
      underlying = "BTC"
      range_floor = "8%"        # the price scan range: at least this, else the volatility rate of the instrument named
      volatility_of = "BTC-PERP"
      volatility_shock = "30%"
      spread_rate = "1%"        # long in one expiry, short in another
      initial_multiplier = "1.3"
      credit_cap = "60%"        # most of a scan loss that another group's opposite delta relieves

      [[risk_groups]]
      underlying = "ETH"
      range_floor = "10%"
      volatility_of = "ETH-PERP"
      volatility_shock = "30%"
      spread_rate = "1%"
      initial_multiplier = "1.3"
      credit_cap = "60%"

      [[group_credits]]
      first = "BTC"
      second = "ETH"
      rate = "50%"
      first_share = "100%"
      second_share = "100%"


      """
  }

  private static func accounts(_ margin: MarginSet) -> String {
    """
    # Two market makers (masters 1 and 2), five takers (masters 11 to 15). Accounts 131 and 151 are small on purpose.

    [[accounts]]
    id = 101
    master = 1
    may_borrow = true
    deposits = { USD = "20_000_000", BTC = "200", ETH = "3000" }

    [[accounts]]
    id = 102
    master = 2
    may_borrow = true
    deposits = { USD = "20_000_000", BTC = "200", ETH = "3000" }

    [[accounts]]
    id = 111
    master = 11\(margin == .portfolio ? "\nmode = \"portfolio\"        # scenarios over all it holds" : "")
    deposits = { USD = "2_000_000", BTC = "20" }

    [[accounts]]
    id = 121
    master = 12
    may_borrow = true
    deposits = { USD = "500_000", ETH = "400" }

    [[accounts]]
    id = 131                  # half of it is collateral in BTC
    master = 13
    leverage_cap = 20
    deposits = { USD = "20_000", BTC = "0.3" }

    [[accounts]]              # isolated: its loss is limited to its own cash, transferred from account 131
    id = 132
    master = 13
    parent = 131
    isolated = "ETH-PERP"

    [[accounts]]
    id = 141                  # never called, never liquidated: every loss is paid up front
    master = 14
    mode = "fully_collateralised"
    deposits = { USD = "3_000_000" }

    [[accounts]]
    id = 151
    master = 15
    deposits = { USD = "15_000" }

    [[accounts]]              # the insurance fund's money; nobody trades it
    id = 901
    master = 90
    deposits = { USD = "250_000" }


    """
  }

  private static let liquidation = """
    [liquidation]             # margin calls, and what happens to accounts below maintenance margin
    fund = 901                # gets the penalties, and takes over what the market does not take
    first_call = "80%"        # of equity is used up by maintenance margin
    second_call = "90%"
    target = "1.1"            # closed in parts, until equity is this many times maintenance margin


    """

  private static let keys = """
    # Who may log in. `lockstep keygen --config venue.toml` makes the key files that do not exist yet. On a real venue
    # give public_key = "…" and leave the secret half with its owner.

    [[keys]]
    id = 1
    name = "administrator"
    key_file = "keys/admin.key"
    roles = ["treasurer", "registrar", "risk_admin", "risk_model", "operator", "oracle", "observer", "trader"]
    # A key grants only roles that it has: `trader` is there so that it can admit traders. It has no accounts itself.
    master = 9

    [[keys]]
    id = 2
    name = "oracle"
    key_file = "keys/oracle.key"
    roles = ["oracle"]

    [[keys]]
    id = 3
    name = "observer"
    key_file = "keys/observer.key"
    roles = ["observer"]

    [[keys]]
    id = 101
    name = "maker 1"
    key_file = "keys/maker-1.key"
    roles = ["trader"]
    master = 1

    [[keys]]
    id = 102
    name = "maker 2"
    key_file = "keys/maker-2.key"
    roles = ["trader"]
    master = 2

    [[keys]]
    id = 111
    name = "taker 1"
    key_file = "keys/taker-1.key"
    roles = ["trader"]
    master = 11

    [[keys]]
    id = 112
    name = "taker 2"
    key_file = "keys/taker-2.key"
    roles = ["trader"]
    master = 12

    [[keys]]
    id = 113
    name = "taker 3"
    key_file = "keys/taker-3.key"
    roles = ["trader"]
    master = 13

    [[keys]]
    id = 114
    name = "taker 4"
    key_file = "keys/taker-4.key"
    roles = ["trader"]
    master = 14

    [[keys]]
    id = 115
    name = "taker 5"
    key_file = "keys/taker-5.key"
    roles = ["trader"]
    master = 15

    """
}
