import Margin
import Matching
import Values
import Wire

// The canonical bytes of the durable state: what a snapshot holds and the state hash covers. Things in order of
// creation, orders in priority order; never slots of orders, never caches. Protocol/files.md gives the layout.

extension Kernel {
  /// Version of the layout of the state's bytes.
  public static var stateVersion: UInt32 { 6 }

  /// Writes the whole durable state. O(state), no allocation.
  public borrowing func writeState<Sink: StateSink>(to sink: inout Sink) {
    withUnsafeMutablePointer(to: &sink) { pointer in
      var chunk = StateChunk { pointer.pointee.write($0) }
      write(to: &chunk)
      chunk.finish()
    }
  }

  private borrowing func write(to sink: inout StateChunk) {
    sink.put(Self.stateVersion)
    writeVenue(to: &sink)
    writeSchedules(to: &sink)
    writeAssets(to: &sink)
    writeInstruments(to: &sink)
    writeOracles(to: &sink)
    writeMarks(to: &sink)
    writeRiskGroups(to: &sink)
    history.write(assets: ledger.assets.count, to: &sink)
    writeMasters(to: &sink)
    writeAccounts(to: &sink)
    writeKeys(to: &sink)
    writeJobs(to: &sink)
    writeOrders(to: &sink)
    writeHeldOrders(to: &sink)
    writeDesk(to: &sink)
    writeTriggers(to: &sink)
  }

  private borrowing func writeVenue(to sink: inout StateChunk) {
    withUnsafeTemporaryAllocation(byteCount: DefineVenue.frameLength, alignment: 8) { buffer in
      venue.encode(to: buffer.baseAddress!)
      sink.put(UnsafeRawBufferPointer(buffer))
    }
    sink.put(sequence)
    sink.put(time.rawValue)
    sink.put(trades)
    sink.put(killed.rawValue)
    sink.put(ledger.settlement.fees)
    sink.put(ledger.settlement.deposited)
    sink.put(ledger.settlement.dust)
    write(ledger.settlement.interest, to: &sink)
  }

  private borrowing func writeSchedules(to sink: inout StateChunk) {
    sink.put(UInt32(ledger.schedules.count))
    for slot in 1..<UInt32(ledger.schedules.count + 1) {
      sink.put(ledger.schedules[slot].id.rawValue)
      sink.put(UInt8(ledger.schedules[slot].count))
      for index in 0..<ledger.schedules[slot].count {
        let row = ledger.schedules[slot].row(index)
        sink.put(row.lower.wireValue)
        sink.put(row.rate.rawValue)
      }
    }
  }

  private borrowing func writeAssets(to sink: inout StateChunk) {
    sink.put(UInt32(ledger.assets.count))
    for slot in 1..<UInt32(ledger.assets.count + 1) {
      let asset = ledger.assets[slot]
      sink.put(asset.id.rawValue)
      sink.put(asset.symbol)
      sink.put(asset.digits)
      sink.put(asset.priceScale)
      sink.put(asset.haircutMaintenance)
      sink.put(asset.haircutInitial)
      sink.put(asset.debtAddonMaintenance.rawValue)
      sink.put(asset.debtAddonInitial.rawValue)
      sink.put(asset.price.rawValue)
      sink.put(asset.stablePrice.rawValue)
      sink.put(asset.flatVolatility.rawValue)
      sink.put(asset.fees)
      sink.put(asset.deposited)
      write(asset.interest, to: &sink)
    }
  }

  private borrowing func writeInstruments(to sink: inout StateChunk) {
    sink.put(UInt32(ledger.instruments.count))
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      let instrument = ledger.instruments[slot]
      sink.put(instrument.id.rawValue)
      sink.put(instrument.kind.rawValue)
      sink.put(instrument.phase.rawValue)
      sink.put(instrument.listing.rawValue)
      sink.put(instrument.listingPhase.rawValue)
      sink.put(instrument.listingTime.rawValue)
      sink.put(instrument.hasParameters)
      sink.put(instrument.hasPriceCap)
      sink.put(instrument.baseAsset)
      sink.put(instrument.quoteAsset)
      sink.put(instrument.symbol)
      for number in [
        instrument.priceUnit, instrument.lotSize, instrument.multiplier, instrument.baseLot,
        instrument.maximumPrice.rawValue, instrument.priceBand.rawValue, instrument.maximumOrder.rawValue,
        instrument.positionLimit.rawValue, instrument.makerFee.rawValue, instrument.takerFee.rawValue,
        instrument.mark.rawValue,
      ] { sink.put(number) }
      write(instrument.parameters, to: &sink)
      write(ledger.curves[instrument.longCurve], to: &sink)
      write(ledger.curves[instrument.shortCurve], to: &sink)
      write(instrument.expiry, to: &sink)
      if instrument.kind == .option { write(instrument.option, to: &sink) }
      write(instrument.funding, to: &sink)
      sink.put(instrument.longCurveRise)
      sink.put(instrument.shortCurveRise)
      writeMeasured(instrument, to: &sink)
    }
  }

  private borrowing func write(_ parameters: MarginParameters, to sink: inout StateChunk) {
    sink.put(parameters.maintenanceTiers)
    sink.put(parameters.initialTiers)
    for rate in [
      parameters.maintenanceBase, parameters.initialBase, parameters.sizeFactor, parameters.maintenanceVolatility,
      parameters.initialVolatility, parameters.volatilityRatio, parameters.profitWeight, parameters.liquidationFee,
      parameters.maximumSlippage,
    ] { sink.put(rate.rawValue) }
  }

  private borrowing func write(_ funding: Funding, to sink: inout StateChunk) {
    sink.put(funding != Funding())
    guard funding != Funding() else { return }
    let parameters = funding.parameters
    for number in [
      parameters.interval, parameters.period, parameters.sampling, parameters.interest.rawValue,
      parameters.clamp.rawValue, parameters.cap.rawValue, parameters.marginFactor.rawValue,
    ] { sink.put(number) }
    sink.put(parameters.fixed != nil)
    sink.put((parameters.fixed ?? .zero).rawValue)
    sink.put(funding.index.rawValue)
    sink.put(funding.average.sum)
    sink.put(funding.average.count)
    sink.put(funding.rate.rawValue)
    sink.put(funding.nextSample.rawValue)
    sink.put(funding.next.rawValue)
    sink.put(funding.pool)
  }

  private borrowing func write(_ expiry: Expiry, to sink: inout StateChunk) {
    sink.put(expiry.isSet)
    guard expiry.isSet else { return }
    sink.put(expiry.time.rawValue)
    sink.put(expiry.window)
    sink.put(expiry.interval)
    sink.put(expiry.nextSample.rawValue)
    sink.put(expiry.average.sum)
    sink.put(expiry.average.count)
    sink.put(expiry.price.rawValue)
    sink.put(expiry.cursor)
    sink.put(expiry.pool)
  }

  private borrowing func write(_ curve: ImpactCurve, to sink: inout StateChunk) {
    sink.put(UInt8(curve.count))
    for index in 0..<curve.count {
      let (lots, rate) = curve.knot(index)
      sink.put(lots.rawValue)
      sink.put(rate.rawValue)
    }
  }

  private borrowing func writeMasters(to sink: inout StateChunk) {
    sink.put(UInt32(ledger.masters.count))
    for slot in 1..<UInt32(ledger.masters.count + 1) {
      sink.put(ledger.masters[slot].id.rawValue)
      sink.put(ledger.masters[slot].killed.rawValue)
    }
  }

  private borrowing func writeAccounts(to sink: inout StateChunk) {
    sink.put(UInt32(ledger.accounts.count))
    for slot in 1..<UInt32(ledger.accounts.count + 1) {
      let account = ledger.accounts[slot]
      sink.put(account.id.rawValue)
      sink.put(account.master)
      sink.put(account.parent.rawValue)
      sink.put(account.isolatedInstrument.rawValue)
      sink.put(account.leverageCap)
      sink.put(account.mode.rawValue)
      sink.put(account.flags.rawValue)
      sink.put(account.killed.rawValue)
      sink.put(account.multiplier.rawValue)
      sink.put(account.feeTier.maker.rawValue)
      sink.put(account.feeTier.taker.rawValue)
      sink.put(account.preventionGroup)
      writeLimits(of: slot, to: &sink)
      sink.put(account.cash)
      sink.put(account.cashIndex.rawValue)
      sink.put(account.state.rawValue)
      sink.put(account.fruitlessRounds)
      sink.put(account.stalledSince.rawValue)
      sink.put(account.bandFloor)
      sink.put(account.isWatched)
      writeBalances(of: account, to: &sink)
      writePositions(of: account, to: &sink)
    }
  }

  private borrowing func writeBalances(of account: Account, to sink: inout StateChunk) {
    var count: UInt32 = 0
    var slot = account.firstBalance
    while slot != 0 {
      count += 1
      slot = ledger.balances[slot].next
    }
    sink.put(count)
    slot = account.firstBalance
    while slot != 0 {
      sink.put(ledger.balances[slot].asset)
      sink.put(ledger.balances[slot].amount)
      sink.put(ledger.balances[slot].index.rawValue)
      slot = ledger.balances[slot].next
    }
  }

  private borrowing func writePositions(of account: Account, to sink: inout StateChunk) {
    sink.put(account.positionCount)
    var slot = account.firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      sink.put(position.instrument)
      sink.put(position.quantity.rawValue)
      sink.put(position.cost)
      sink.put(position.funding.rawValue)
      sink.put(position.bandFloor)
      sink.put(position.allBuy > 0 ? position.worstBuy.rawValue : 0)
      sink.put(position.allSell > 0 ? position.worstSell.rawValue : 0)
      slot = position.next
    }
  }

  private borrowing func writeKeys(to sink: inout StateChunk) {
    sink.put(UInt32(keys.records.count))
    for slot in 1..<UInt32(keys.records.count + 1) {
      let key = keys.records[slot]
      sink.put(key.id.rawValue)
      sink.put(key.master.rawValue)
      sink.put(key.roles.rawValue)
      for word in [key.publicKey.word0, key.publicKey.word1, key.publicKey.word2, key.publicKey.word3] {
        sink.put(word)
      }
      sink.put(key.lastRequest)
      sink.put(key.lastReport)
      sink.put(key.connectionId)
      sink.put(key.killed.rawValue)
      sink.put(key.cancelOnDisconnect)
      sink.put(key.disconnectDeadline.rawValue)
      sink.put(key.countdown)
      sink.put(key.countdownAccount)
      sink.put(key.countdownEnd.rawValue)
      sink.put(key.countdownRequest)
    }
  }

  private borrowing func writeJobs(to sink: inout StateChunk) {
    sink.put(UInt32(jobs.count))
    for index in 0..<jobs.count {
      let job = jobs[index]
      sink.put(job.scope.rawValue)
      sink.put(job.side.rawValue)
      sink.put(job.reason.rawValue)
      sink.put(job.instrument.rawValue)
      sink.put(job.underlying.rawValue)
      sink.put(job.kinds.rawValue)
      sink.put(job.orderKey.rawValue)
      sink.put(job.target)
      sink.put(job.watermark)
      sink.put(job.requester.rawValue)
      sink.put(job.requestId)
      sink.put(job.account)
      sink.put(job.quotesOnly)
      sink.put(job.cancelled)
    }
  }

  /// Per instrument, bids then asks, each in priority order.
  private borrowing func writeOrders(to sink: inout StateChunk) {
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      let book = ledger.instruments[slot].book
      for side in Side.allCases {
        var order = books.best(side, in: book)
        while order != 0 {
          sink.put(UInt8(1))
          write(books[order], to: &sink)
          order = books.next(after: order, in: book)
        }
        sink.put(UInt8(0))
      }
    }
  }

  private borrowing func write(_ order: Order, to sink: inout StateChunk) {
    sink.put(order.name.key.rawValue)
    sink.put(order.name.requestId)
    sink.put(UInt8(order.name.leg))
    sink.put(order.id)
    sink.put(order.entry)
    sink.put(order.account)
    sink.put(order.price.rawValue)
    sink.put(order.open.rawValue)
    sink.put(order.visible.rawValue)
    sink.put(order.display.rawValue)
    sink.put(order.filled.rawValue)
    sink.put(order.feeAccrued)
    sink.put(order.timeInForce.rawValue)
    sink.put(order.flags.rawValue)
    sink.put(order.prevention.rawValue)
    sink.put(expiries.expiry(of: order).rawValue)
  }
}
