import Kernel
import Values
import Wire

// What the kernel answers to queries, against the model's state: positions, balances, open orders and margin of every
// account, and so the conservation of money in the kernel too.

/// The state of all accounts as lines of text, from the model.
private func lines(_ model: ReferenceVenue) -> [String] {
  model.accounts.flatMap { account -> [String] in
    let id = account.id.rawValue
    let payable = model.payableAndReceivable(account).payable
    var lines = ["account \(id) margin \(Figures(model.margin(of: account).reported))"]
    for (asset, balance) in account.balances {
      lines.append("account \(id) asset \(asset.rawValue): \(balance), payable \(payable[asset] ?? 0)")
    }
    for (instrument, position) in account.positions {
      let definition = model.instruments[instrument]!
      let open = ModelOpenOrders(account, definition)
      let mark = definition.isPerpetual ? definition.mark ?? 0 : 0
      let profit = position.lots * mark * definition.multiplier - position.cost
      lines.append(
        "account \(id) instrument \(instrument.rawValue): \(position.lots) cost \(position.cost) profit \(profit) open "
          + "\(open.buys + open.reduceOnlyBuys) \(open.sells + open.reduceOnlySells) worst \(position.worstBuy) "
          + "\(position.worstSell)")
    }
    for order in account.orders {
      lines.append(
        "account \(id) order \(order.name.key.rawValue)/\(order.name.requestId): \(order.instrument.rawValue) "
          + "\(order.side) \(order.open) at \(order.price) display \(order.display) filled \(order.filled) \(order.id) "
          + "until \(order.expiry)")
    }
    for order in model.held where model.accounts[order.account].id == account.id {
      lines.append(
        "account \(id) held \(order.name.key.rawValue)/\(order.name.requestId): \(order.instrument.rawValue) "
          + "\(order.side) \(order.quantity) at \(order.price) when \(order.source) \(order.condition) "
          + "\(max(0, order.triggerNow ?? 0)) trailing \(order.trailing) \(order.distance) "
          + "\(order.activation) partner \(order.partner) until \(order.expiry)")
    }
    return lines
  }
}

/// The same lines from the kernel's answers.
private func lines(_ kernel: KernelVenue, accounts: [AccountId]) -> [String] {
  accounts.flatMap { account -> [String] in
    let id = account.rawValue
    let key = StreamCast.staff
    var reports = kernel.answer(QueryMargin(queryId: 0, account: account), for: key)
    reports += kernel.answer(QueryBalances(queryId: 0, account: account), for: key)
    reports += kernel.answer(QueryPositions(queryId: 0, account: account), for: key)
    reports += kernel.answer(QueryOpenOrders(queryId: 0, account: account, instrument: .none), for: key)
    return reports.compactMap { report in
      if let margin = report.decoded(MarginReport.self) { return "account \(id) margin \(Figures(margin.margin))" }
      if let balance = report.decoded(BalanceReport.self) {
        return "account \(id) asset \(balance.asset.rawValue): \(balance.balance.rawValue), payable "
          + "\(balance.payable.rawValue)"
      }
      if let position = report.decoded(PositionReport.self) {
        return
          "account \(id) instrument \(position.instrument.rawValue): \(position.position.rawValue) cost "
          + "\(position.cost.rawValue) profit \(position.profit.rawValue) open \(position.openBuys.rawValue) "
          + "\(position.openSells.rawValue) worst \(position.worstBuy.rawValue) \(position.worstSell.rawValue)"
      }
      if let order = report.decoded(OpenOrderReport.self), let side = order.side {
        return
          "account \(id) order \(order.orderKey.rawValue)/\(order.orderRequestId): \(order.instrument.rawValue) "
          + "\(side) \(order.open.rawValue) at \(order.price.rawValue) display \(order.display.rawValue) filled "
          + "\(order.filled.rawValue) \(order.orderId) until \(order.expiry.rawValue)"
      }
      if let order = report.decoded(HeldOrderReport.self), let side = order.side, let source = order.source,
        let condition = order.condition
      {
        return "account \(id) held \(order.orderKey.rawValue)/\(order.orderRequestId): "
          + "\(order.instrument.rawValue) \(side) \(order.quantity.rawValue) at \(order.price.rawValue) when "
          + "\(source) \(condition) \(order.triggerPrice.rawValue) trailing "
          + "\(order.trailing!) \(order.distance) \(order.activationPrice.rawValue) partner \(order.partner) until "
          + "\(order.expiry.rawValue)"
      }
      return nil
    }
  }
}

/// The first lines in which the states differ.
func stateDifference(_ model: ReferenceVenue, _ kernel: KernelVenue) -> String? {
  let expected = Set(lines(model))
  let found = Set(lines(kernel, accounts: model.accounts.map(\.id)))
  if expected == found { return nil }
  let missing = expected.subtracting(found).sorted().prefix(6).map { "  model:  \($0)" }
  let extra = found.subtracting(expected).sorted().prefix(6).map { "  kernel: \($0)" }
  return (["the states differ:"] + missing + extra).joined(separator: "\n")
}
