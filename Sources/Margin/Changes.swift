import Values

// Changes of marks, prices and parameters. Each costs O(1): holders become stale and are refreshed when touched.

extension Ledger {
  public mutating func setMark(of instrument: UInt32, to mark: Price) {
    precondition(mark > Price(0) && mark <= instruments[instrument].maximumPrice)
    if tracksMarks && mark != instruments[instrument].mark { movedMarks.insert(instrument) }
    instruments[instrument].mark = mark
    instruments[instrument].epoch += 1
    epoch += 1
    noteMove(ofInstrument: instrument)
  }

  public mutating func setPrice(of asset: UInt32, to price: Price, stable: Price?) {
    precondition(price > Price(0))
    if !assets[asset].hasPrice { unpricedAssets -= 1 }
    assets[asset].price = price
    assets[asset].stablePrice = stable ?? Price(0)
    assets[asset].epoch += 1
    epoch += 1
    noteMove(ofAsset: asset)
  }

  public mutating func setParameters(of instrument: UInt32, to parameters: MarginParameters) {
    if !parameters.hasBands(like: instruments[instrument].parameters) { needsSweep = true }
    instruments[instrument].parameters = parameters
    instruments[instrument].hasParameters = true
    instruments[instrument].rates = ratesNow(of: instrument)
    instruments[instrument].epoch += 1
    epoch += 1
    noteMove(ofInstrument: instrument)
  }

  /// Margin rates and repricing of an option, from a checked set; what its mark was found from stays.
  public mutating func setOptionParameters(of instrument: UInt32, to parameters: OptionParameters) {
    instruments[instrument].option.parameters = parameters
    instruments[instrument].hasParameters = true
    needsSweep = true
    instruments[instrument].epoch += 1
    epoch += 1
  }

  /// Changes an impact curve. Where its sizes are others than before, the rate coordinate does not tell how far
  /// requirements have moved, and every holder has to be looked at.
  public mutating func setCurve(of instrument: UInt32, closingLongs: Bool, to curve: ImpactCurve) {
    let slot = closingLongs ? instruments[instrument].longCurve : instruments[instrument].shortCurve
    let rise = curves[slot].largestRise(to: curve)
    curves[slot] = curve
    if closingLongs {
      instruments[instrument].longCurveRise += rise ?? 0
    } else {
      instruments[instrument].shortCurveRise += rise ?? 0
    }
    instruments[instrument].epoch += 1
    epoch += 1
    if rise == nil { needsSweep = true }
    noteMove(ofInstrument: instrument)
  }
}
