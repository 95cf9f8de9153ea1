import Values

/// A run as a picture: price, rates, requirement and utilisation, hour by hour, one above the other.
public struct HistoryPlot {
  private struct Curve {
    let name: String
    let colour: String
    var isDashed = false
    let values: [Double]
  }

  private static let (width, height, left, top, gap) = (960, 170, 80, 40, 46)
  private let run: HistoryRun
  private var text = ""

  /// The picture as SVG. `title` is written above it; `day` turns seconds into the text of an axis.
  public static func svg(_ run: HistoryRun, title: String, day: (Int64) -> String) -> String {
    var plot = HistoryPlot(run: run)
    plot.draw(title: title, day: day)
    return plot.text
  }

  private init(run: HistoryRun) { self.run = run }

  private mutating func draw(title: String, day: (Int64) -> String) {
    let hours = run.hours
    func percent(_ rate: Rate) -> Double { Double(min(rate, Rate(2_000_000_000)).rawValue) / 10_000_000 }
    func dollars(_ money: Money) -> Double { Double(money.wireValue) / 100_000_000 }
    let panels: [(String, [Curve])] = [
      ("price, USD", [Curve(name: "BTC", colour: "#222", values: hours.map { Double($0.price) / 100 })]),
      (
        "volatility rates in force, %",
        [
          Curve(name: "initial", colour: "#b3261e", values: hours.map { percent($0.dynamic.initialRate) }),
          Curve(name: "maintenance", colour: "#e08a00", values: hours.map { percent($0.dynamic.maintenanceRate) }),
          Curve(
            name: "initial, fixed", colour: "#1b5fb3", isDashed: true,
            values: hours.map { percent($0.fixed.initialRate) }),
        ]
      ),
      (
        "initial margin of \(HistoryRun.accountNames[0]), USD",
        [
          Curve(
            name: "dynamic", colour: "#b3261e", values: hours.map { dollars($0.dynamic.accounts[0].initialMargin) }),
          Curve(
            name: "fixed", colour: "#1b5fb3", isDashed: true,
            values: hours.map { dollars($0.fixed.accounts[0].initialMargin) }),
        ]
      ),
      (
        "utilisation (initial margin / equity), %, cut off at 200",
        HistoryRun.accountNames.indices.flatMap { account in
          let colour = ["#b3261e", "#e08a00", "#2e7d32", "#6a1b9a"][account % 4]
          let name = HistoryRun.accountNames[account]
          return [
            Curve(name: name, colour: colour, values: hours.map { percent($0.dynamic.accounts[account].utilisation) }),
            Curve(
              name: "", colour: colour, isDashed: true,
              values: hours.map { percent($0.fixed.accounts[account].utilisation) }),
          ]
        }
      ),
    ]
    let total = Self.top + panels.count * (Self.height + Self.gap) + 10
    text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(total)" font-family="sans-serif" font-size="11">
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(Self.left)" y="20" font-size="14">\(Self.escaped(title)) (dashed: fixed rates)</text>

      """
    for (index, panel) in panels.enumerated() {
      draw(panel.0, panel.1, y: Self.top + index * (Self.height + Self.gap), day: day)
    }
    text += "</svg>\n"
  }

  private mutating func draw(_ title: String, _ curves: [Curve], y: Int, day: (Int64) -> String) {
    let right = Self.width - 20
    let all = curves.flatMap(\.values)
    let (lowest, highest) = (min(all.min() ?? 0, (all.max() ?? 1) * 0.999), all.max() ?? 1)
    let floor = lowest > highest * 0.5 ? lowest - (highest - lowest) * 0.05 : 0
    func vertical(_ value: Double) -> Double {
      Double(y + Self.height) - (value - floor) / max(highest - floor, 1e-9) * Double(Self.height)
    }
    func horizontal(_ index: Int) -> Double {
      Double(Self.left) + Double(index) / Double(max(1, run.hours.count - 1)) * Double(right - Self.left)
    }
    text += "<text x=\"\(Self.left)\" y=\"\(y - 6)\">\(Self.escaped(title))</text>\n"
    for step in 0...4 {
      let value = floor + (highest - floor) * Double(step) / 4
      let line = Self.short(vertical(value))
      text += "<line x1=\"\(Self.left)\" x2=\"\(right)\" y1=\"\(line)\" y2=\"\(line)\" stroke=\"#ddd\"/>"
      text += "<text x=\"\(Self.left - 6)\" y=\"\(line)\" text-anchor=\"end\">\(Self.short(value))</text>\n"
    }
    let every = max(1, run.hours.count / 8)
    for index in stride(from: 0, to: run.hours.count, by: every) {
      let x = Self.short(horizontal(index))
      text += "<text x=\"\(x)\" y=\"\(y + Self.height + 14)\" text-anchor=\"middle\">"
      text += "\(Self.escaped(day(run.hours[index].start)))</text>\n"
    }
    var legend = Self.left + 260
    for curve in curves {
      let points = curve.values.enumerated().map { "\(Self.short(horizontal($0))),\(Self.short(vertical($1)))" }
      let dashes = curve.isDashed ? " stroke-dasharray=\"4 3\"" : ""
      text +=
        "<polyline fill=\"none\" stroke=\"\(curve.colour)\"\(dashes) points=\"\(points.joined(separator: " "))\"/>\n"
      if curve.name.isEmpty { continue }
      text += "<text x=\"\(legend)\" y=\"\(y - 6)\" fill=\"\(curve.colour)\">\(Self.escaped(curve.name))</text>\n"
      legend += 30 + curve.name.count * 7
    }
  }

  /// A number with at most two decimals.
  private static func short(_ value: Double) -> String {
    let hundredths = (value * 100).rounded()
    let whole = Int64(hundredths)
    if whole % 100 == 0 { return "\(whole / 100)" }
    let fraction = String(abs(whole) % 100 + 100).dropFirst()
    return "\(whole < 0 ? "-" : "")\(abs(whole) / 100).\(fraction)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
