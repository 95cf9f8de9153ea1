import Session
import Wire

/// One operation of a program. Views of the program's bytes, good as long as they are.
public enum Step {
  /// A frame by shape, for the kernel: who sends it is chosen by the first number.
  case command(UInt8, FrameShape, UnsafeRawBufferPointer)
  /// The same through the session in a slot.
  case message(UInt8, FrameShape, UnsafeRawBufferPointer)
  /// A query of the kernel.
  case query(UInt8, FrameShape, UnsafeRawBufferPointer)
  /// Two frames at once through a session, bits of the second one flipped at a place.
  case damage(UInt8, FrameShape, UnsafeRawBufferPointer, place: UInt8, bits: UInt8)
  /// Bytes as they are, to a session.
  case bytes(UInt8, UnsafeRawBufferPointer)
  /// Bytes as they are; when they are a command's frame, for the kernel.
  case record(UInt8, UnsafeRawBufferPointer)
  /// A client connects and logs in.
  case logIn(slot: UInt8, key: UInt8, window: UInt8, lastReport: UInt8)
  /// A client connects, goes, stops reading, or reads again.
  case connection(UInt8, action: UInt8)
  /// Time passes.
  case time(UInt8, shift: UInt8)
  /// The kernel gives way to one restored from its state.
  case restore
  /// A state with bytes overwritten at a place is restored and thrown away.
  case damagedState(high: UInt8, low: UInt8, choice: UInt8)

  /// Reads the next step; any bytes are one.
  public init(from program: inout ByteCursor) {
    switch program.byte() % 16 {
    case 0, 1, 2: self = Step.shaped(&program, Step.commands, Step.command)
    case 3, 4, 5: self = Step.shaped(&program, Step.orders, Step.command)
    case 6: self = Step.shaped(&program, Step.messages, Step.message)
    case 7: self = Step.shaped(&program, Step.orders, Step.message)
    case 8: self = Step.shaped(&program, Step.queries, Step.query)
    case 9:
      let (slot, shape, values) = Step.parts(&program, Step.messages)
      self = .damage(slot, shape, values, place: program.byte(), bits: program.byte())
    case 10: self = .bytes(program.byte(), program.take(Int(program.byte())))
    case 11: self = .record(program.byte(), program.take(Int(program.byte())))
    case 12:
      self = .logIn(
        slot: program.byte(), key: program.byte(), window: program.byte(), lastReport: program.byte())
    case 13: self = .connection(program.byte(), action: program.byte())
    case 14: self = .time(program.byte(), shift: program.byte())
    default:
      let choice = program.byte()
      self = choice < 64 ? .restore : .damagedState(high: program.byte(), low: program.byte(), choice: choice)
    }
  }

  private static func shaped(
    _ program: inout ByteCursor, _ shapes: [FrameShape],
    _ step: (UInt8, FrameShape, UnsafeRawBufferPointer) -> Step
  ) -> Step {
    let (actor, shape, values) = parts(&program, shapes)
    return step(actor, shape, values)
  }

  private static func parts(
    _ program: inout ByteCursor, _ shapes: [FrameShape]
  ) -> (UInt8, FrameShape, UnsafeRawBufferPointer) {
    let actor = program.byte()
    let shape = shapes[Int(program.byte()) % shapes.count]
    return (actor, shape, shape.takeValues(from: &program))
  }

  private static func shapes(_ range: ClosedRange<UInt16>) -> [FrameShape] {
    FrameShape.all.filter { range.contains($0.template.rawValue) }
  }

  /// Everything that a journal may hold.
  private static let commands = shapes(19...92)
  private static let orders = shapes(70...76)
  private static let queries = FrameShape.all.filter { TemplateClass($0.template) == .query }
  /// Everything there is.
  private static let messages = FrameShape.all

  /// Where the steps of `program` begin, so that mutations can keep their borders.
  public static func starts(in program: UnsafeRawBufferPointer) -> [Int] {
    var cursor = ByteCursor(program)
    _ = cursor.byte()
    var starts: [Int] = []
    while !cursor.isAtEnd {
      starts.append(cursor.position)
      _ = Step(from: &cursor)
    }
    return starts
  }
}
