import Values

/// An order of the venue that stands for a tape's order, or for a part of one that no account may hold alone.
struct TapeOrder {
  let tapeId: UInt64
  let key: KeyId
  let requestId: UInt64
  let account: Int
  let side: Side
  let isPostOnly: Bool
  var price: Int64
  var display: Int64
  /// Open lots as last reported, and at first as sent.
  var open: Int64
  /// Lots that are counted as open in the account: what is open or may become so by what is on its way.
  var reserved: Int64
  /// The last command about the order.
  var lastCommand: UInt64
  /// Replaces that are not answered.
  var replacesUnderWay = 0
  var cancelIsSent = false
  var isDone = false
  /// The next part of the same tape order; -1: none.
  var nextPart = -1
}

/// Whether an order can still be changed.
enum OrderStanding: Equatable {
  /// It rests for sure.
  case live
  /// It is gone, or will be before anything sent from now on arrives; or it never was.
  case done
  /// What is on its way may decide it.
  case uncertain
}
