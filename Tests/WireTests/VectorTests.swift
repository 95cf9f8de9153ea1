import Testing
import Values

@testable import Wire

struct VectorTests {
  @Test func everyMessageHasGoldenFrames() {
    let counts = Dictionary(grouping: Vector.all, by: \.name).mapValues(\.count)
    for message in Schema.messages { #expect(counts[message.name] == 3, "\(message.name)") }
    #expect(Schema.messages.map(\.template) == Template.allCases)
  }

  @Test func goldenFramesReadAsTheirFields() {
    for vector in Vector.all {
      vector.bytes.withUnsafeBytes { bytes in
        #expect(Frame.scan(bytes, maximum: bytes.count) == .frame(length: bytes.count), "\(vector.line)")
        #expect(
          FrameText.json(Frame(bytes)).dropLast() + ",\"hex\":\"\(encodeHexadecimal(vector.bytes))\"}" == vector.line)
      }
    }
  }

  @Test func decodedMessagesEncodeToTheSameBytes() {
    for vector in Vector.all {
      vector.bytes.withUnsafeBytes { bytes in
        let frame = Frame(bytes)
        let type = frame.template.description.type
        #expect(encodeHexadecimal(reencode(type, frame)) == encodeHexadecimal(vector.bytes), "\(vector.name)")
      }
    }
  }

  /// Decoding from an odd address, as frames lie in a stream.
  @Test func messagesDecodeAtAnyAlignment() {
    for vector in Vector.all {
      for shift in 1...7 {
        let shifted = [UInt8](repeating: 0xAA, count: shift) + vector.bytes
        shifted.withUnsafeBytes { bytes in
          let frame = Frame(UnsafeRawBufferPointer(rebasing: bytes[shift...]))
          #expect(reencode(frame.template.description.type, frame) == vector.bytes, "\(vector.name)")
        }
      }
    }
  }

  @Test func valuesOfAnOrderArriveAsTheyWereGiven() {
    let order = NewOrder(
      requestId: 7, account: AccountId(3), instrument: InstrumentId(1), price: Price(100), quantity: Quantity(5),
      display: .zero, side: .sell, orderType: .limit, timeInForce: .goodTillCancel, flags: [.postOnly],
      selfTradePrevention: .cancelOldest)
    let bytes = written(NewOrder.frameLength) { order.encode(to: $0) }
    bytes.withUnsafeBytes { bytes in
      let frame = Frame(bytes)
      #expect(frame.template == .newOrder)
      let read = frame.decode(NewOrder.self)
      #expect(read == order)
      #expect(read.side == .sell)
      #expect(read.selfTradePrevention == .cancelOldest)
      #expect(
        FrameText.describe(frame)
          == "NewOrder requestId=7 account=3 instrument=1 price=100 quantity=5 display=0 side=sell orderType=limit "
          + "timeInForce=goodTillCancel flags=[postOnly] selfTradePrevention=cancelOldest minimumQuantity=0 "
          + "expiry=0 budget=0")
    }
  }

  @Test func unknownCodesAndFlagsReadAsNil() {
    var order = NewOrder(
      requestId: 1, account: AccountId(1), instrument: InstrumentId(1), price: Price(1), quantity: Quantity(1),
      display: .zero, side: .buy, orderType: .limit, timeInForce: .goodTillCancel, flags: [],
      selfTradePrevention: .allow)
    #expect(order.side == .buy)
    order.sideCode = 2
    #expect(order.side == nil)
    var kill = SetKillSwitch(requestId: 1, target: 0, scope: .venue, engaged: true)
    #expect(kill.engaged == true)
    kill.engagedCode = 0
    #expect(kill.engaged == false)
    kill.engagedCode = 2
    #expect(kill.engaged == nil)
    #expect(QueryEnd(queryId: 1, rows: 0, more: false, reason: nil).reasonCode == 0)
    #expect(QueryEnd(queryId: 1, rows: 0, more: false, reason: .notYourAccount).reason == .notYourAccount)
  }

  @Test func moneyBeyondTheWireIsClamped() {
    let deposit = Deposit(requestId: 1, account: AccountId(1), asset: .settlement, amount: Money(Int128.max))
    written(Deposit.frameLength) { deposit.encode(to: $0) }.withUnsafeBytes { bytes in
      #expect(Frame(bytes).decode(Deposit.self).amount == Money(Int64.max))
    }
  }

  @Test func rowsAreWrittenAfterTheBlockAndReadBack() {
    let schedule = DefineSchedule(requestId: 9, schedule: ScheduleId(4))
    let rows = [
      DefineSchedule.Row(lower: .zero, rate: Rate(1_000)), DefineSchedule.Row(lower: Money(Int64(500)), rate: .one),
    ]
    let bytes = written(DefineSchedule.frameLength(rows: 2)) { schedule.encode(to: $0, rows: rows) }
    bytes.withUnsafeBytes { bytes in
      #expect(Frame.scan(bytes, maximum: 1024) == .frame(length: bytes.count))
      let frame = Frame(bytes)
      #expect(frame.decode(DefineSchedule.self) == schedule)
      #expect(frame.rowCount(of: DefineSchedule.self) == 2)
      #expect(frame.row(1, of: DefineSchedule.self) == rows[1])
      #expect(
        FrameText.describe(frame)
          == "DefineSchedule requestId=9 schedule=4 rows=[{lower=0 rate=1000} {lower=500 rate=1000000000}]")
    }
  }
}
