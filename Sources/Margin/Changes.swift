import Values

// Changes of marks, prices and parameters. Each costs O(1): holders become stale and are refreshed when touched.

extension Ledger {
  public mutating func setMark(of instrument: UInt32, to mark: Price) {
    precondition(mark > Price(0) && mark <= instruments[instrument].maximumPrice)
    instruments[instrument].mark = mark
    instruments[instrument].epoch += 1
    epoch += 1
  }

  public mutating func setPrice(of asset: UInt32, to price: Price, stable: Price?) {
    precondition(price > Price(0))
    if !assets[asset].hasPrice { unpricedAssets -= 1 }
    assets[asset].price = price
    assets[asset].stablePrice = stable ?? Price(0)
    assets[asset].epoch += 1
    epoch += 1
  }

  public mutating func setParameters(of instrument: UInt32, to parameters: MarginParameters) {
    instruments[instrument].parameters = parameters
    instruments[instrument].hasParameters = true
    instruments[instrument].rates = ratesNow(of: instrument)
    instruments[instrument].epoch += 1
    epoch += 1
  }

  /// Margin rates and repricing of an option, from a checked set; what its mark was found from stays.
  public mutating func setOptionParameters(of instrument: UInt32, to parameters: OptionParameters) {
    instruments[instrument].option.parameters = parameters
    instruments[instrument].hasParameters = true
    instruments[instrument].epoch += 1
    epoch += 1
  }

  public mutating func setCurve(of instrument: UInt32, closingLongs: Bool, to curve: ImpactCurve) {
    curves[closingLongs ? instruments[instrument].longCurve : instruments[instrument].shortCurve] = curve
    instruments[instrument].epoch += 1
    epoch += 1
  }
}
