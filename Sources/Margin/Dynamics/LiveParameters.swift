import Values

// Parameters that were given with a definition, changed later. Holders become stale and are refreshed when touched.

extension Ledger {
  /// Other rows for a bracket table, wherever it is used. O(assets + instruments).
  public mutating func setSchedule(_ slot: UInt32, to schedule: Schedule) {
    precondition(schedules[slot].id == schedule.id)
    schedules[slot] = schedule
    for asset in 1..<UInt32(assets.count + 1) {
      if assets[asset].haircutMaintenance == slot || assets[asset].haircutInitial == slot { assets[asset].epoch += 1 }
    }
    for instrument in 1..<UInt32(instruments.count + 1) {
      let parameters = instruments[instrument].parameters
      if parameters.maintenanceTiers == slot || parameters.initialTiers == slot { instruments[instrument].epoch += 1 }
    }
    needsSweep = true
    epoch += 1
  }

  /// What an asset counts for as collateral and as a debt.
  public mutating func setCollateral(
    of asset: UInt32, haircuts: (maintenance: UInt32, initial: UInt32), addons: (maintenance: Rate, initial: Rate)
  ) {
    assets[asset].haircutMaintenance = haircuts.maintenance
    assets[asset].haircutInitial = haircuts.initial
    assets[asset].debtAddonMaintenance = addons.maintenance
    assets[asset].debtAddonInitial = addons.initial
    assets[asset].epoch += 1
    needsSweep = true
    epoch += 1
  }
}
