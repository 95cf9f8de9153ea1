import Values

/// A run as a picture: small panels with one time axis, legible on light and on dark pages.
public struct HistoryPlot {
  private static let columns = 2
  /// Of one panel: outer width, height of the drawing area, room left of it, above it and below it.
  private static let (width, height, left, above, below) = (620, 130, 62, 58, 30)
  private static let top = 34
  private let run: HistoryRun
  private let day: (Int64) -> String
  private var text = ""

  /// The picture as SVG. `title` is written above it; `day` turns seconds into the text of an axis.
  public static func svg(_ run: HistoryRun, title: String, day: @escaping (Int64) -> String) -> String {
    var plot = HistoryPlot(run: run, day: day)
    plot.draw(title: title)
    return plot.text
  }

  private init(run: HistoryRun, day: @escaping (Int64) -> String) {
    self.run = run
    self.day = day
  }

  private mutating func draw(title: String) {
    let panels = HistoryPanels.all(run)
    let pitch = Self.above + Self.height + Self.below
    let rows = (panels.count + Self.columns - 1) / Self.columns
    text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.columns * Self.width) \(Self.top + rows * pitch)" \
      font-family="sans-serif" font-size="11">
      <style>
      .page { fill: #ffffff } text { fill: #1d1d1f } .grid { stroke: #d9d9de } .curve { fill: none; stroke-width: 1.4 }
      .fixed { stroke-dasharray: 5 3 } .event { stroke: #8a8a90; stroke-width: 1 }
      .c0 { stroke: #c62839 } .c1 { stroke: #c77700 } .c2 { stroke: #1f8a4c } .c3 { stroke: #7a3fc4 }
      .c4 { stroke: #1b66c9 } .c5 { stroke: #0a8c99 }
      @media (prefers-color-scheme: dark) {
      .page { fill: #17181c } text { fill: #e8e8ec } .grid { stroke: #3a3b42 }
      .c0 { stroke: #ff6b78 } .c1 { stroke: #f2a93b } .c2 { stroke: #5fd08d } .c3 { stroke: #b88cff }
      .c4 { stroke: #6aa9ff } .c5 { stroke: #4fd3e0 }
      }
      </style>
      <rect class="page" width="100%" height="100%"/>
      <text x="\(Self.left)" y="21" font-size="14">\(Self.escaped(title)) — solid: dynamic rates, dashed: fixed</text>

      """
    for (index, panel) in panels.enumerated() {
      draw(
        panel, x: index % Self.columns * Self.width + Self.left,
        y: Self.top + index / Self.columns * pitch + Self.above)
    }
    text += "</svg>\n"
  }

  /// Draws one panel whose drawing area has its upper left corner at `x`, `y`.
  private mutating func draw(_ panel: HistoryPanels.Panel, x: Int, y: Int) {
    let right = x + Self.width - Self.left - 16
    let axis = Axis(panel.curves.flatMap(\.values))
    func vertical(_ value: Double) -> Double {
      Double(y + Self.height) - (value - axis.low) / (axis.high - axis.low) * Double(Self.height)
    }
    let run = run
    func horizontal(_ index: Int) -> Double {
      Double(x) + Double(index) / Double(max(1, run.hours.count - 1)) * Double(right - x)
    }
    text += "<text x=\"\(x)\" y=\"\(y - 36)\" font-weight=\"bold\">\(Self.escaped(panel.title))</text>\n"
    for value in axis.ticks {
      let line = Self.short(vertical(value))
      text += "<line class=\"grid\" x1=\"\(x)\" x2=\"\(right)\" y1=\"\(line)\" y2=\"\(line)\"/>"
      text += "<text x=\"\(x - 6)\" y=\"\(line)\" dy=\"4\" text-anchor=\"end\">\(Self.short(value))</text>\n"
    }
    drawDays(y: y, horizontal)
    for mark in panel.marks {
      let place = Self.short(horizontal(mark.hour))
      text += "<line class=\"event\(mark.isDashed ? " fixed" : "")\" x1=\"\(place)\" x2=\"\(place)\""
      text += " y1=\"\(y)\" y2=\"\(y + Self.height)\"/>\n"
    }
    // Two rows of names, if they need them.
    var legend = (x: x, y: y - 22)
    for curve in panel.curves {
      let points = curve.values.enumerated().map { "\(Self.short(horizontal($0))),\(Self.short(vertical($1)))" }
      text += "<polyline class=\"curve c\(curve.colour)\(curve.isDashed ? " fixed" : "")\""
      text += " points=\"\(points.joined(separator: " "))\"/>\n"
      if curve.name.isEmpty { continue }
      let width = 30 + curve.name.count * 11 / 2
      if legend.x + width > right { legend = (x, legend.y + 13) }
      text += "<line class=\"curve c\(curve.colour)\" x1=\"\(legend.x)\" x2=\"\(legend.x + 14)\""
      text += " y1=\"\(legend.y - 3)\" y2=\"\(legend.y - 3)\"/>"
      text += "<text x=\"\(legend.x + 17)\" y=\"\(legend.y)\" font-size=\"9.5\">\(Self.escaped(curve.name))</text>\n"
      legend.x += width
    }
  }

  /// A label at the beginning of every day, or of every so many.
  private mutating func drawDays(y: Int, _ horizontal: (Int) -> Double) {
    let days = run.hours.indices.filter { run.hours[$0].start.isMultiple(of: 86_400) }
    let every = max(1, (days.count + 7) / 8)
    for (number, index) in days.enumerated() where number.isMultiple(of: every) {
      let place = Self.short(horizontal(index))
      text += "<line class=\"grid\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(y)\" y2=\"\(y + Self.height)\"/>"
      text += "<text x=\"\(place)\" y=\"\(y + Self.height + 14)\" text-anchor=\"middle\">"
      text += "\(Self.escaped(day(run.hours[index].start)))</text>\n"
    }
  }

  /// From where to where a panel reaches, in round steps.
  private struct Axis {
    let low: Double
    let high: Double
    let ticks: [Double]

    /// An axis for all `values`; with zero where they come near it.
    init(_ values: [Double]) {
      var (least, most) = (values.min() ?? 0, values.max() ?? 1)
      if least > 0 && least < most * 0.5 { least = 0 }
      if most - least < 1e-9 { most = least + 1 }
      var step = 1e-6
      var number = 0
      // 1, 2, 5, 10, 20, 50 …
      while step * 5 < most - least {
        step *= number % 3 == 1 ? 2.5 : 2
        number += 1
      }
      low = (least / step).rounded(.down) * step
      high = (most / step).rounded(.up) * step
      let (low, high) = (low, high)
      ticks = (0...Int(((high - low) / step).rounded())).map { low + Double($0) * step }
    }
  }

  /// A number with at most two decimals.
  private static func short(_ value: Double) -> String {
    let whole = Int64((value * 100).rounded())
    if whole % 100 == 0 { return "\(whole / 100)" }
    let fraction = String(abs(whole) % 100 + 100).dropFirst()
    return "\(whole < 0 ? "-" : "")\(abs(whole) / 100).\(fraction)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
