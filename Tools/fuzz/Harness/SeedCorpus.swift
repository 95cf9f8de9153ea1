import Wire

/// Programs to begin with: every message from every side, a life of orders, and the golden frames as bytes.
public enum SeedCorpus {
  /// Programs by file name. `goldenFrames`: the text of Protocol/vectors/frames.jsonl, or nothing.
  public static func programs(goldenFrames: [UInt8]) -> [(name: String, program: [UInt8])] {
    var seeds: [(name: String, program: [UInt8])] = []
    for (index, shape) in FrameShape.all.enumerated() {
      for (number, filler) in [UInt8(0), 1, 2, 250].enumerated() {
        let fields = [UInt8](repeating: filler, count: 40)
        // Through a session that is logged in with every role, cut into bytes as well.
        seeds.append(
          (
            "message-\(shape.template)-\(number)",
            [number == 3 ? 1 : number == 2 ? 128 : 0] + logIn(slot: 0, key: 5) + [6, 0, UInt8(index)] + fields
          ))
        seeds.append(
          ("early-\(shape.template)-\(number)", [number == 0 ? 1 : 128, 13, 0, 0, 6, 0, UInt8(index)] + fields))
      }
    }
    for actor in UInt8(0)..<8 {
      for template in UInt8(0)..<24 {
        let fields = (UInt8(0)..<40).map { $0 &* 7 &+ template }
        seeds.append(
          (
            "command-\(actor)-\(template)",
            [template % 8 == 0 ? actor / 2 : 5, 0, actor, template] + fields + [
              15, 0, 15, template &* 10, actor, template &* 9,
            ]
          ))
      }
    }
    seeds.append(("orders", [4] + logIn(slot: 0, key: 1) + logIn(slot: 1, key: 2) + orders))
    for (index, frame) in frames(in: goldenFrames).enumerated() where frame.count < 256 {
      seeds.append(
        ("golden-\(index)", [index % 4 == 0 ? 1 : 128] + logIn(slot: 0, key: 5) + [10, 0, UInt8(frame.count)] + frame))
      seeds.append(("record-\(index)", [index % 8 == 0 ? 2 : 0, 11, UInt8(index % 10), UInt8(frame.count)] + frame))
    }
    return seeds
  }

  private static func logIn(slot: UInt8, key: UInt8) -> [UInt8] { [12, slot, key, 5, 0] }

  /// Both traders subscribe to a book, then trade in it.
  private static var orders: [UInt8] {
    let subscribe = FrameShape.all.firstIndex { $0.template == .subscribe }.map { UInt8($0) } ?? 0
    var program: [UInt8] = [6, 0, subscribe, 1, 1, 0, 6, 1, subscribe, 1, 1, 1]
    for step in UInt8(0)..<12 {
      // NewOrder through the session of slot 0 or 1: request id, account, instrument, price, quantity, display, codes.
      program += [7, step % 2, 0, 0, step % 2 + 1, 1, 80 &+ step &* 3 % 9, 3 + step, 0, step % 2, 0, step % 3, 0, 1]
      program += [14, 20, 20]
    }
    return program + [7, 0, 3, 0, 1, 0, 2, 13, 1, 1, 14, 255, 24]
  }

  /// The frames of the golden vectors: hexadecimal digits behind `"hex":"`.
  private static func frames(in text: [UInt8]) -> [[UInt8]] {
    text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.last == UInt8(ascii: "}") else { return nil }
      let digits = line.dropLast(2).reversed().prefix { $0 != UInt8(ascii: "\"") }.reversed()
      let values = digits.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      return stride(from: 0, to: values.count - 1, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
  }
}
