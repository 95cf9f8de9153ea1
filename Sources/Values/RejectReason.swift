/// Why a request was refused. A refused request changes no state beyond consuming its request id.
///
/// The cases stand in the order in which the kernel checks them. `detail` in the reject report is a number that says
/// what was wrong: its meaning is given with each case (0 where none is named).
@frozen public enum RejectReason: UInt16, BitwiseCopyable, CaseIterable, Sendable {
  // Session layer: the request never reached the kernel and its id is not consumed.
  /// More requests than the session's rate limit. Detail: the limit per second.
  case throttled = 1
  /// The message may not be sent on this session. Detail: the template id.
  case notAllowedHere = 2
  /// The server does not accept requests just now (shutting down, disk full).
  case unavailable = 3

  // Every request.
  /// The frame is shorter than its schema, or holds too many rows. Detail: the frame's length.
  case malformed = 10
  /// The key does not exist or was revoked.
  case unknownKey = 11
  /// The request id is not greater than the last one of this key. Detail: the last one. Not numbered, changes nothing.
  case duplicateRequest = 12
  /// The key lacks the role. Detail: the roles that would be sufficient, as bits.
  case notPermitted = 13
  /// A field holds a code or value outside its range. Detail: the field's id in the schema.
  case invalidField = 14

  // What the request names.
  case unknownAccount = 20
  /// The account belongs to another master.
  case notYourAccount = 21
  case unknownInstrument = 22
  case unknownAsset = 23
  case unknownSchedule = 24
  case unknownOrder = 25
  /// Detail: the id that exists already.
  case alreadyDefined = 26
  /// A table is full. Detail: its capacity.
  case venueFull = 27
  /// An isolated account trades one instrument only. Detail: that instrument.
  case wrongInstrument = 28
  /// Source and destination of a transfer are the same account.
  case sameAccount = 29

  // Definitions and parameters.
  /// The tick value is not a whole number of money quanta. Detail: the smallest price unit that works for this lot.
  case tickValueNotWhole = 30
  /// Bracket rows must start at 0 and rise; rates must not fall. Detail: the row.
  case scheduleNotRising = 31
  /// Initial margin would be below maintenance margin somewhere. Detail: the notional or quantity where.
  case initialBelowMaintenance = 32
  /// A parameter is outside its range. Detail: the field's id.
  case parameterOutOfRange = 33
  /// A key cannot grant roles that it lacks. Detail: the roles it lacks.
  case cannotGrant = 34
  /// The instrument has no margin parameters yet.
  case noMarginParameters = 35
  /// The parameters cannot change while orders rest or positions are open that depend on them.
  case inUse = 36
  /// Liquidation fee and slippage must stay below every maintenance rate that can come about. Detail: the lowest.
  case liquidationCostTooHigh = 37

  // Market state.
  case instrumentHalted = 40
  /// The instrument is closed to matching: only good-till-cancel limit orders.
  case closedToMatching = 41
  /// The kill switch is engaged. Detail: its scope.
  case killSwitchEngaged = 42
  /// An index price is old: only orders that reduce, and no withdrawals that rest on it. Detail: the asset.
  case noNewRisk = 43
  /// An index price is too old, too far from its average or too uncertain: only orders that reduce. Detail: the asset.
  case reduceOnlyMarket = 44
  /// The instrument has expired.
  case instrumentExpired = 45
  /// The account is in liquidation: only cancels, deposits and transfers in.
  case inLiquidation = 46

  // The order itself.
  /// Detail: the highest price allowed.
  case invalidPrice = 50
  /// Detail: the largest quantity allowed.
  case invalidQuantity = 51
  /// Display quantity above the quantity, or on an order that cannot rest. Detail: the largest display quantity.
  case invalidDisplay = 52
  /// Order type, time in force and flags do not go together.
  case invalidCombination = 53
  /// The price is outside the band around the mark. Detail: the band's bound.
  case priceBand = 54
  /// Detail: the limit.
  case tooManyOpenOrders = 55
  /// The order changed before the replace arrived. Detail: lots filled so far.
  case filledMeanwhile = 56
  /// Detail: the best opposite price.
  case postOnlyWouldCross = 57
  /// A reduce-only order must oppose the position. Detail: the position.
  case notReducing = 58
  /// Good till date: later than now; every other order: none. Detail: the time now, or 0.
  case invalidExpiry = 59

  // Margin and money.
  /// No mark price yet.
  case noMark = 60
  /// A debt in an asset without a price. Detail: the asset.
  case noPrice = 61
  /// Short positions of fully collateralised accounts need an instrument with a price cap.
  case noPriceCap = 62
  /// Detail: the most lots the account or its master may hold.
  case positionLimit = 63
  /// Detail: the bound.
  case notionalLimit = 64
  /// A balance would leave its bounds. Detail: the bound.
  case balanceLimit = 65
  /// Equity is below maintenance margin: only cancels, deposits and transfers in. Detail: the cushion.
  case belowMaintenance = 66
  /// Free margin after the request would be negative. Detail: it.
  case insufficientMargin = 67
  /// The balance does not cover the request and the account may not borrow. Detail: what is missing.
  case insufficientBalance = 68
  /// The whole quantity cannot be filled at once. Detail: the lots that could.
  case fillOrKill = 69
  /// A guard of the order does not hold. Detail: the guards that do not, as bits.
  case guardFailed = 72
  /// The minimum quantity cannot be filled at once. Detail: the lots that could.
  case minimumQuantity = 73
  /// The whole quantity would cost more, or bring less, than the budget. Detail: what it is worth.
  case budget = 74
  /// Market to limit: the other side of the book is empty.
  case noOppositeOrder = 75
  /// A trailing order without an activation price has no price to start from.
  case noTriggerPrice = 99

  // Controls of the account.
  /// The order is worth more than the account may send at a time. Detail: the limit, in quote quanta.
  case orderValueLimit = 76
  /// The account has sent as many new orders in this second as it may. Detail: the limit.
  case orderRateLimit = 77
  /// The same as the account's last new order, too soon after it. Detail: its request id.
  case duplicateOrder = 78

  // Quotes.
  /// The bid of a quote is not below its ask. Detail: the ask.
  case quoteCrossed = 89

  // Portfolio mode.
  /// The underlying has no risk group: not in portfolio mode. Detail: the asset.
  case noRiskGroup = 70
  /// The shares of a risk group would add up to more than 100 %. Detail: the sum.
  case creditShares = 71
  /// The instrument is not open yet. Detail: when it will be.
  case instrumentPending = 105
  /// The instrument is suspended.
  case instrumentSuspended = 106
  /// The instrument was delisted.
  case instrumentDelisted = 107
  /// The step does not fit where the instrument stands in its life. Detail: its listing code.
  case listingState = 108
  /// The account could come to depend on a look at every move, and so many of its risk group do already that no order may
  /// add one. Detail: the limit.
  case watchListFull = 113
}
