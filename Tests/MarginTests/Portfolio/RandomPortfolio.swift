import Values

@testable import Margin

extension RandomVenue {
  /// A risk group with every term on, or some of them.
  mutating func addGroup(_ id: UInt16) -> UInt32 {
    let asset = ledger.addAsset(id, price: 100)
    var parameters = GroupParameters()
    parameters.rangeFloor = Rate(number(10_000_000...400_000_000))
    parameters.volatilityShock = Rate(number(0...500_000_000))
    parameters.spreadRate = Rate(number(0...50_000_000))
    parameters.initialMultiplier = Rate(number(1_000_000_000...2_000_000_000))
    parameters.creditCap = Rate(number(0...900_000_000))
    ledger.setRiskGroup(of: asset, to: parameters)
    return asset
  }

  /// Relations between all pairs of the groups; a group's shares sum to at most 1.
  mutating func addCredits() {
    let count = UInt32(ledger.groups.count)
    for first in 1..<count {
      for second in (first + 1)...count {
        ledger.setCredit(
          GroupCredit(
            first: first, second: second, rate: Rate(number(0...999_999_999)),
            firstShare: Rate(number(0...Int64(1_000_000_000 / (count - 1)))),
            secondShare: Rate(number(0...Int64(1_000_000_000 / (count - 1))))))
      }
    }
  }

  /// A perpetual on `asset`.
  mutating func addPerpetual(_ id: UInt32, on asset: UInt32) {
    addPerpetual(id)
    ledger.instruments[perpetuals.last!].baseAsset = asset
  }

  mutating func addPortfolioAccount(_ id: UInt32) {
    accounts.append(
      ledger.addAccount(
        id, master: id % 3 + 1, mode: .portfolio, multiplier: chance(30) ? Rate(1_250_000_001) : .one,
        cash: Money(number(0...1_000_000))))
  }
}

/// An account's portfolio requirement, plainly from its positions: loops, tables and 128 bits.
struct PlainPortfolio {
  var initial: Int128 = 0
  var maintenance: Int128 = 0

  /// Per group: figures of the position (0) and of the worst case (1).
  struct Group {
    var vectors = [PlainScan.sum([]), PlainScan.sum([])]
    var delta: [(low: Int128, high: Int128)] = [(0, 0), (0, 0)]

    func loss(_ kind: Int) -> Int128 { PlainScan.loss(vectors[kind]) }

    /// All instruments of these tests are in one expiry, so a group is long or short as a whole.
    func spread(_ kind: Int, _ rate: Int128) -> Int128 {
      roundUp(max(0, min(max(0, delta[kind].high), max(0, -delta[kind].low))) * rate, 1_000_000_000)
    }

    func certain(_ kind: Int) -> Int128 {
      let (low, high) = delta[kind]
      return low > 0 ? low : high < 0 ? high : 0
    }
  }

  init(_ account: UInt32, _ ledger: borrowing Ledger) {
    var groups: [UInt32: Group] = [:]
    var slot = ledger.accounts[account].firstPosition
    while slot != 0 {
      let position = ledger.positions[slot]
      let instrument = ledger.instruments[position.instrument]
      if instrument.kind != .spot {
        let group = ledger.assets[instrument.baseAsset].riskGroup
        Self.add(position, instrument, to: &groups[group, default: Group()], range: Self.range(group, ledger))
        addOutside(slot, ledger)
      }
      slot = position.next
    }
    for (slot, group) in groups {
      let parameters = ledger.groups[slot].parameters
      for kind in 0...1 {
        let loss = group.loss(kind)
        let cap = roundDown(loss * Int128(parameters.creditCap.rawValue), 1_000_000_000)
        let credit = min(Self.legs(slot, groups, kind, ledger), cap)
        let amount = loss - credit + group.spread(kind, Int128(parameters.spreadRate.rawValue))
        if kind == 0 {
          maintenance += amount
        } else {
          initial += roundUp(amount * Int128(parameters.initialMultiplier.rawValue), 1_000_000_000)
        }
      }
    }
    initial += ledger.accounts[account].spotReserve.rawValue
    let multiplier = Int128(ledger.accounts[account].multiplier.rawValue)
    initial = roundUp(initial * multiplier, 1_000_000_000)
    maintenance = roundUp(maintenance * multiplier, 1_000_000_000)
  }

  static func range(_ group: UInt32, _ ledger: borrowing Ledger) -> Int128 {
    let parameters = ledger.groups[group].parameters
    let followed = parameters.volatilityInstrument
    let volatility = followed == 0 ? .zero : ledger.instruments[followed].parameters.maintenanceVolatility
    return Int128(max(parameters.rangeFloor, volatility).rawValue)
  }

  static func add(_ position: Position, _ instrument: Instrument, to group: inout Group, range: Int128) {
    let value = Int128(instrument.mark.rawValue) * Int128(instrument.multiplier)
    func vector(_ lots: Int64) -> [Int128] { PlainScan.linear(Int128(lots), value: value, range: range) }
    let ends = (Int128(position.worstLong) * value, Int128(position.worstShort) * value)
    let held = Int128(position.quantity.rawValue) * value
    group.vectors[0] = PlainScan.sum([group.vectors[0], vector(position.quantity.rawValue)])
    group.vectors[1] = PlainScan.sum([
      group.vectors[1], zip(vector(position.worstLong), vector(position.worstShort)).map { min($0, $1) },
    ])
    group.delta[0].low += held
    group.delta[0].high += held
    group.delta[1].low += min(ends.0, ends.1)
    group.delta[1].high += max(ends.0, ends.1)
  }

  /// What other groups relieve `slot` of, before the cap.
  static func legs(_ slot: UInt32, _ groups: [UInt32: Group], _ kind: Int, _ ledger: borrowing Ledger) -> Int128 {
    var sum: Int128 = 0
    for index in 1..<UInt32(ledger.credits.count + 1) {
      let pair = ledger.credits[index]
      guard pair.first == slot || pair.second == slot, let one = groups[pair.first], let other = groups[pair.second]
      else { continue }
      let (mine, theirs) = (one.certain(kind), other.certain(kind))
      if mine * theirs >= 0 { continue }
      let matched = min(
        roundDown(abs(mine) * Int128(pair.firstShare.rawValue), 1_000_000_000),
        roundDown(abs(theirs) * Int128(pair.secondShare.rawValue), 1_000_000_000))
      sum += roundDown(matched * range(slot, ledger) * Int128(pair.rate.rawValue), 1_000_000_000_000_000_000)
    }
    return sum
  }

  /// Size and liquidity of the position and of its ends, the loss of orders and their fees.
  mutating func addOutside(_ slot: UInt32, _ ledger: borrowing Ledger) {
    let position = ledger.positions[slot]
    let instrument = position.instrument
    let exposure = ledger.exposures[position.exposure]
    func addon(_ lots: Int64, _ whole: Int64) -> Int128 {
      ledger.sizeAndLiquidity(of: lots, whole: whole, instrument: instrument).rawValue
    }
    maintenance += addon(position.quantity.rawValue, position.quantity.rawValue)
    func whole(_ lots: Int64) -> Int64 {
      lots > 0
        ? lots + exposure.long - max(0, position.worstLong) : lots - exposure.short + max(0, -position.worstShort)
    }
    initial += max(
      addon(position.worstLong, whole(position.worstLong)), addon(position.worstShort, whole(position.worstShort)))
    initial += ledger.openLoss(of: slot).rawValue + position.provision.rawValue
  }
}
