import ArgumentParser
import Client
import ToolSupport
import Values
import Wire

/// `lockstep admin parameters`
struct AdminParameters: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parameters", abstract: "Every risk parameter in force: instruments, bracket tables, assets.",
    discussion: """
      Change them while the venue trades with SetMarginParameters, SetInstrumentLimits,
      SetSchedule, SetAssetParameters, SetVolatilityParameters, SetLiquidityParameters,
      SetInterestParameters.
      Rates that follow the market: lockstep admin rates.

      Examples:
        lockstep admin parameters --config venue.toml
        lockstep admin send 'SetAssetParameters asset=1 haircutMaintenance=1
          haircutInitial=2 debtAddonMaintenance=50000000
          debtAddonInitial=100000000' --config venue.toml
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let venue = try connection.open()
    defer { venue.client.disconnect() }
    let directory = venue.directory
    var margins: [MarginParametersReport] = []
    var assets: [AssetReport] = []
    var interests: [InterestReport] = []
    var schedules: [(report: ScheduleReport, rows: [ScheduleReport.Row])] = []
    for event in try venue.client.rows(QueryParameters(queryId: 0, instrument: .none)).rows {
      switch event {
      case .marginParameters(let report): margins.append(report)
      case .asset(let report): assets.append(report)
      case .interest(let report): interests.append(report)
      case .schedule(let report, let rows): schedules.append((report, rows))
      default: break
      }
    }
    show(margins, venue)
    if !connection.json {
      print("\n\(limits(of: directory).text)")
      if !assets.isEmpty { print("") }
    }
    if !assets.isEmpty { show(assets, venue) }
    if !interests.isEmpty {
      if !connection.json { print("") }
      AdminInterest.showParameters(interests, venue)
    }
    for (report, rows) in schedules {
      if connection.json {
        print(jsonText(report, rows: rows))
      } else {
        print("\n\(table(report, rows, directory.amounts).text)")
      }
    }
  }

  private func show(_ margins: [MarginParametersReport], _ venue: VenueConnection) {
    venue.show(
      margins, empty: "No instrument has margin parameters.",
      table: { table, row in
        let rates = [
          row.maintenanceBase, row.initialBase, row.sizeFactor, row.maintenanceVolatility, row.initialVolatility,
          row.volatilityRatio, row.profitWeight, row.liquidationFee, row.maximumSlippage,
        ]
        table.add(
          [
            venue.directory.name(of: row.instrument), "\(row.maintenanceTiers.rawValue)",
            "\(row.initialTiers.rawValue)",
          ] + rates.map(Amounts.percent))
      },
      columns: TextTable(
        "instrument", ">MM tiers", ">IM tiers", ">MM base", ">IM base", ">size factor", ">MM volatility",
        ">IM volatility", ">κ", ">profit weight", ">liquidation fee", ">slippage"))
  }

  private func limits(of directory: VenueDirectory) -> TextTable {
    var table = TextTable(
      "instrument", ">price band", ">largest order", ">position limit", ">maker fee", ">taker fee")
    for row in directory.instruments {
      table.add(
        "\(row.symbol)", Amounts.percent(row.priceBand), directory.size(row.maximumOrder, of: row.instrument),
        directory.size(row.positionLimit, of: row.instrument), Amounts.percent(row.makerFee),
        Amounts.percent(row.takerFee))
    }
    return table
  }

  private func show(_ assets: [AssetReport], _ venue: VenueConnection) {
    venue.show(
      assets, empty: "",
      table: { table, row in
        table.add(
          "\(row.symbol)", "\(row.haircutMaintenance.rawValue)", "\(row.haircutInitial.rawValue)",
          Amounts.percent(row.debtAddonMaintenance), Amounts.percent(row.debtAddonInitial),
          Decimal.format(row.watched))
      },
      columns: TextTable(
        "asset", ">MM haircuts", ">IM haircuts", ">MM debt add-on", ">IM debt add-on", ">watch list"))
  }

  private func table(_ report: ScheduleReport, _ rows: [ScheduleReport.Row], _ amounts: Amounts) -> TextTable {
    var table = TextTable("table \(report.schedule.rawValue)", ">from", ">rate")
    for row in rows { table.add("", amounts.money(row.lower), Amounts.percent(row.rate)) }
    return table
  }
}
