import Values

extension ReferenceVenue {
  /// Price of an asset in an equity: for initial equity the worse of the last and the stable one.
  private func price(_ asset: ModelAsset, debt: Bool, initial: Bool) -> Int128? {
    guard let price = asset.price else { return nil }
    guard initial, let stable = asset.stablePrice else { return price }
    return debt ? max(price, stable) : min(price, stable)
  }

  /// Value of a balance of an asset other than the settlement currency, after haircuts or add-ons, rounded down.
  func value(of balance: Int128, _ id: AssetId, initial: Bool) -> Int128 {
    let asset = assets[id]!
    guard let price = price(asset, debt: balance < 0, initial: initial) else { return 0 }
    if balance < 0 {
      let addon = initial ? asset.addonInitial : asset.addonMaintenance
      return productDown(balance * price, one + addon, dividedBy: asset.scale * one)
    }
    let haircut = (initial ? asset.haircutInitial : asset.haircutMaintenance)
      .amount(balance * price, scale: asset.scale)
    return (balance * price * one - haircut).dividedRoundingDown(by: asset.scale * one)
  }

  /// Slope of the initial value just above (or just below) a balance, in units of 10^-27.
  private func slope(_ id: AssetId, at balance: Int128, above: Bool, _ account: ModelAccount) -> Int128 {
    if id == .settlement { return power(of: 27) }
    if account.mode == .fullyCollateralised { return 0 }
    let asset = assets[id]!
    let isDebt = balance < 0 || (balance == 0 && !above)
    guard let price = price(asset, debt: isDebt, initial: true) else { return 0 }
    let unit = power(of: 18) / asset.scale
    if isDebt { return price * (one + asset.addonInitial) * unit }
    let haircut = asset.haircutInitial.rate(at: balance * price, above: above, scale: asset.scale)
    return price * (one - haircut) * unit
  }

  /// All that the open orders can pay out and can receive, per asset.
  func payableAndReceivable(_ account: ModelAccount) -> (payable: [AssetId: Int128], receivable: [AssetId: Int128]) {
    var payable: [AssetId: Int128] = [:]
    var receivable: [AssetId: Int128] = [:]
    for order in account.orders {
      let instrument = instruments[order.instrument]!
      payable[instrument.quote, default: 0] += order.provision(instrument)
      guard instrument.kind == .spot else { continue }
      let base = order.open * instrument.baseLot
      let quote = order.open * order.price * instrument.multiplier
      if order.side == .buy {
        payable[instrument.quote, default: 0] += quote
        receivable[instrument.base, default: 0] += base
      } else {
        payable[instrument.base, default: 0] += base
        receivable[instrument.quote, default: 0] += quote
      }
    }
    return (payable, receivable)
  }

  /// What all open spot orders together can cost in initial equity, at the worst slopes; rounded up once.
  func spotReserve(_ account: ModelAccount) -> Int128 {
    var reserve = Wide.zero
    let (payable, receivable) = payableAndReceivable(account)
    for (id, position) in account.positions {
      let instrument = instruments[id]!
      guard instrument.kind == .spot else { continue }
      let orders = ModelOpenOrders(account, instrument)
      func slopes(_ asset: AssetId) -> (out: Int128, in: Int128) {
        let balance = account.balance(asset)
        let out = slope(asset, at: balance - (payable[asset] ?? 0), above: true, account)
        let back = slope(asset, at: balance + (receivable[asset] ?? 0), above: false, account)
        return (out, min(out, back))
      }
      let base = slopes(instrument.base)
      let quote = slopes(instrument.quote)
      let buy =
        Wide(orders.buys * position.worstBuy * instrument.multiplier, times: quote.out)
        - Wide(orders.buys * instrument.baseLot, times: base.in)
      let sell =
        Wide(orders.sells * instrument.baseLot, times: base.out)
        - Wide(orders.sells * position.worstSell * instrument.multiplier, times: quote.in)
      if !buy.isNegative { reserve += buy }
      if !sell.isNegative { reserve += sell }
      reserve += Wide(account.provision(instrument), times: quote.out)
    }
    return reserve.dividedRoundingUp(by: power(of: 27))
  }

  /// What is missing to pay out all that open orders can, in the first of `assets` that is short.
  func missingBalance(_ account: ModelAccount, _ assets: [AssetId]) -> Int128? {
    let payable = payableAndReceivable(account).payable
    for asset in assets {
      let missing = (payable[asset] ?? 0) - account.balance(asset)
      if missing > 0 { return missing }
    }
    return nil
  }
}
