import Values
import Wire

// Section 2 of the rules: accounts and keys.

extension ReferenceVenue {
  func create(_ message: CreateAccount) throws(Reject) {
    typealias Field = CreateAccount.Field
    guard let mode = message.mode else { throw Reject(.invalidField, Field.mode) }
    try requireField(AccountFlags.all.isSuperset(of: message.flags), Field.flags)
    try requireField(message.account != .none, Field.account)
    try requireField(message.master != .none, Field.master)
    try requireRange(Int128(message.multiplier.rawValue), in: one...10 * one, field: Field.multiplier)
    try requireRange(Int128(message.leverageCap), in: 0...1000, field: Field.leverageCap)
    if mode == .fullyCollateralised && message.flags.contains(.mayBorrow) { throw Reject(.invalidCombination) }
    if accounts.contains(where: { $0.id == message.account }) {
      throw Reject(.alreadyDefined, message.account.rawValue)
    }
    try requireRoom(accounts.count, limits.accounts)
    if message.parent == .none {
      try requireField(message.isolatedInstrument == .none, Field.isolatedInstrument)
    } else {
      let parent = accounts[try account(message.parent)]
      if parent.master != message.master { throw Reject(.notYourAccount) }
      try requireField(parent.parent == .none, Field.parent)
      _ = try instrument(message.isolatedInstrument)
    }
    accounts.append(
      ModelAccount(
        id: message.account, master: message.master, parent: message.parent,
        isolatedInstrument: message.isolatedInstrument, multiplier: Int128(message.multiplier.rawValue),
        leverageCap: Int128(message.leverageCap), mode: mode, mayBorrow: message.flags.contains(.mayBorrow)))
    accept()
  }

  func set(_ message: SetPreventionGroup) throws(Reject) {
    accounts[try account(message.account)].preventionGroup = message.group
    accept()
  }

  func set(_ message: SetAccountLimits) throws(Reject) {
    let index = try account(message.account)
    try requireRange(
      message.orderValue.rawValue, in: 0...Int128(Limits.notionalPerAccount), field: SetAccountLimits.Field.orderValue)
    let isSet =
      message.openOrders > 0 || message.orderValue.rawValue > 0 || message.ordersPerSecond > 0
      || message.duplicateWindow > 0
    accounts[index].limits = isSet ? message : nil
    if !isSet {
      accounts[index].sentSeconds = []
      accounts[index].lastOrder = nil
    }
    accept()
  }

  func change(_ message: ChangeAccount) throws(Reject) {
    typealias Field = ChangeAccount.Field
    guard let mode = message.mode else { throw Reject(.invalidField, Field.mode) }
    try requireField(AccountFlags.all.isSuperset(of: message.flags), Field.flags)
    try requireRange(Int128(message.multiplier.rawValue), in: one...10 * one, field: Field.multiplier)
    try requireRange(Int128(message.leverageCap), in: 0...1000, field: Field.leverageCap)
    let index = try account(message.account)
    let before = accounts[index]
    var after = before
    after.mode = mode
    after.mayBorrow = message.flags.contains(.mayBorrow)
    after.multiplier = Int128(message.multiplier.rawValue)
    after.leverageCap = Int128(message.leverageCap)
    if !roles.contains(.registrar) {
      if before.master != master { throw Reject(.notYourAccount) }
      let isOnlyLeverage =
        after.mode == before.mode && after.mayBorrow == before.mayBorrow && after.multiplier == before.multiplier
      if !isOnlyLeverage { throw Reject(.notPermitted, Roles.registrar.rawValue) }
    }
    if mode == .fullyCollateralised && after.mayBorrow { throw Reject(.invalidCombination) }
    if mode != before.mode {
      let holdsOther = before.balances.contains { $0.key != .settlement && $0.value != 0 }
      let holdsLots = before.positions.values.contains { $0.lots != 0 }
      if holdsOther || holdsLots || !before.orders.isEmpty { throw Reject(.inUse) }
    }
    let everyAsset = [AssetId.settlement] + assets.keys.sorted()
    if !after.mayBorrow, let missing = missingBalance(after, everyAsset) {
      throw Reject(.insufficientBalance, missing)
    }
    let margin = margin(of: after)
    if margin.cushion < 0 { throw Reject(.belowMaintenance, margin.cushion) }
    if margin.free < 0 { throw Reject(.insufficientMargin, margin.free) }
    accounts[index] = after
    accept()
  }

  func define(_ message: DefineKey) throws(Reject) {
    try requireField(Roles.all.isSuperset(of: message.roles), DefineKey.Field.roles)
    try requireField(message.key != .venue && message.key != .feed, DefineKey.Field.key)
    if keys.contains(where: { $0.id == message.key }) { throw Reject(.alreadyDefined, message.key.rawValue) }
    try requireRoom(keys.count, limits.keys)
    let lacking = message.roles.subtracting(roles)
    if !lacking.isEmpty { throw Reject(.cannotGrant, lacking.rawValue) }
    if !message.roles.isDisjoint(with: [.trader, .firmAdmin]) && message.master == .none {
      throw Reject(.invalidCombination)
    }
    keys.append(ModelKey(id: message.key, master: message.master, roles: message.roles))
    accept()
  }

  func change(_ message: ChangeKeyRoles) throws(Reject) {
    try requireField(Roles.all.isSuperset(of: message.roles), ChangeKeyRoles.Field.roles)
    guard let index = keys.firstIndex(where: { $0.id == message.key }) else {
      throw Reject(.unknownKey, message.key.rawValue)
    }
    let lacking = message.roles.subtracting(keys[index].roles).subtracting(roles)
    if !lacking.isEmpty { throw Reject(.cannotGrant, lacking.rawValue) }
    if !message.roles.isDisjoint(with: [.trader, .firmAdmin]) && keys[index].master == .none {
      throw Reject(.invalidCombination)
    }
    keys[index].roles = message.roles
    accept()
  }
}
