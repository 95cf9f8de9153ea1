import Values

/// A price, rate or other coordinate at which an account must be looked at again.
@frozen public struct Trigger: BitwiseCopyable {
  /// The coordinate it fires beyond: below it on a falling ladder, above it on a rising one.
  public var threshold: Int64 = 0
  /// The ladder it stands on; 0: on none.
  public var ladder: UInt32 = 0
  @usableFromInline var bucket: UInt32 = 0
  /// Neighbours in its bucket, in order of entry. The first one's `previous` is the last one.
  @usableFromInline var next: UInt32 = 0
  @usableFromInline var previous: UInt32 = 0

  @inlinable init() {}
}

/// Triggers of all accounts, one ladder for each coordinate and direction: a move of a coordinate finds what it has
/// crossed without looking at anything else.
///
/// Even ladders fall: their triggers fire when the coordinate is below the threshold. Odd ladders rise. A ladder is a
/// row of buckets with a list in each, in order of entry. Buckets are relative: coordinates below 4,096 have one each,
/// from there on every octave (2^e ..< 2^(e+1)) has 4,096, so that a bucket is at most 1/4,096 of its coordinate wide,
/// and every coordinate of 62 bits has one. Thresholds inside a bucket stay exact. Empty buckets are skipped through
/// bit maps: a ladder has one word that tells its octaves in use, an octave one that tells its words, and these their
/// buckets.
///
/// Costs: ``set(_:on:to:)`` and ``remove(_:)`` O(1). ``isCrossed(_:at:)`` O(1) while the coordinate stays inside the
/// nearest threshold, else O(triggers of one bucket). Popping: O(popped + triggers of the last bucket).
///
/// Memory: 24 bytes per trigger. An octave in use takes 16.9 KB; a ladder of marks up to 2^e uses at most e − 10 of them,
/// and only those in which it has triggers. All is mapped when the venue starts and costs memory only where it is used.
///
/// The order of the lists decides which account is looked at first, so it is durable: see ``forEach(on:_:)``.
@frozen public struct TriggerLadders: ~Copyable {
  /// Per ladder: which octaves are in use, how many triggers, and a bound on the nearest threshold.
  @frozen @usableFromInline struct Ladder: BitwiseCopyable {
    @usableFromInline var octaves: UInt64 = 0
    @usableFromInline var count: UInt32 = 0
    /// No threshold is above it (falling) or below it (rising).
    @usableFromInline var nearest: Int64 = 0
    @inlinable init() {}
  }

  /// Buckets of an octave.
  @inlinable static var width: Int { 4096 }
  /// Octaves of a ladder, at most.
  @inlinable static var octaves: Int { 64 }
  /// Highest coordinate and threshold.
  @inlinable public static var highest: Int64 { 1 << 62 }

  @usableFromInline let inPlace = InPlace()
  @usableFromInline var triggers: ZeroedArray<Trigger>
  @usableFromInline var ladders: ZeroedArray<Ladder>
  /// Page of each octave of each ladder; 0: not in use.
  @usableFromInline var directory: ZeroedArray<UInt32>
  /// Triggers on each page; a page whose count falls to 0 is free, and all zero again.
  @usableFromInline var pages: Pool<UInt32>
  @usableFromInline var heads: ZeroedArray<UInt32>
  @usableFromInline var words: ZeroedArray<UInt64>
  @usableFromInline var summaries: ZeroedArray<UInt64>

  /// Room for triggers 1…`triggerCount` on ladders 2…`ladderCount`; 0 and 1 are never used.
  public init(triggers triggerCount: Int, ladders ladderCount: Int) {
    // A page in use has a trigger, and no ladder has more octaves than its coordinates have bits above the first 4,096.
    let pageCount = min(triggerCount, ladderCount * 52)
    triggers = ZeroedArray(count: triggerCount + 1)
    ladders = ZeroedArray(count: ladderCount + 1)
    directory = ZeroedArray(count: (ladderCount + 1) * Self.octaves)
    pages = Pool(capacity: pageCount)
    heads = ZeroedArray(count: (pageCount + 1) * Self.width)
    words = ZeroedArray(count: (pageCount + 1) * 64)
    summaries = ZeroedArray(count: pageCount + 1)
  }

  /// How many triggers there can be.
  public var capacity: Int { triggers.count - 1 }

  @inlinable public subscript(trigger: UInt32) -> Trigger { triggers[Int(trigger)] }
  @inlinable public func count(on ladder: UInt32) -> Int { Int(ladders[Int(ladder)].count) }

  @inlinable static func falls(_ ladder: UInt32) -> Bool { ladder & 1 == 0 }

  /// Octave and bucket of a coordinate; both rise with it.
  @inlinable static func place(of coordinate: Int64) -> (octave: Int, bucket: Int) {
    if coordinate < 4096 { return (0, Int(max(coordinate, 0))) }
    let exponent = 63 - coordinate.leadingZeroBitCount
    return (exponent - 11, Int(coordinate >> Int64(exponent - 12)) - 4096)
  }

  /// Puts a trigger on a ladder, or moves it: it goes behind all others of its bucket. O(1).
  @inlinable public mutating func set(_ trigger: UInt32, on ladder: UInt32, to threshold: Int64) {
    precondition(ladder >= 2 && threshold >= 0 && threshold <= Self.highest, "no such place for a trigger")
    if triggers[Int(trigger)].ladder != 0 { remove(trigger) }
    let (octave, bucket) = Self.place(of: threshold)
    let page = page(of: ladder, octave: octave)
    let head = heads[page * Self.width + bucket]
    triggers[Int(trigger)].threshold = threshold
    triggers[Int(trigger)].ladder = ladder
    triggers[Int(trigger)].bucket = UInt32(page * Self.width + bucket)
    triggers[Int(trigger)].next = 0
    if head == 0 {
      heads[page * Self.width + bucket] = trigger
      triggers[Int(trigger)].previous = trigger
      words[page * 64 + bucket / 64] |= 1 << UInt64(bucket % 64)
      summaries[page] |= 1 << UInt64(bucket / 64)
    } else {
      let last = triggers[Int(head)].previous
      triggers[Int(last)].next = trigger
      triggers[Int(trigger)].previous = last
      triggers[Int(head)].previous = trigger
    }
    pages[UInt32(page)] += 1
    let isFirst = ladders[Int(ladder)].count == 0
    let nearest = ladders[Int(ladder)].nearest
    let isNearer = Self.falls(ladder) ? threshold > nearest : threshold < nearest
    if isFirst || isNearer { ladders[Int(ladder)].nearest = threshold }
    ladders[Int(ladder)].count += 1
  }

  @inlinable mutating func page(of ladder: UInt32, octave: Int) -> Int {
    let entry = Int(ladder) * Self.octaves + octave
    if directory[entry] == 0 {
      directory[entry] = pages.insert(0)
      precondition(directory[entry] != 0, "there is a page for every trigger")
      ladders[Int(ladder)].octaves |= 1 << UInt64(octave)
    }
    return Int(directory[entry])
  }

  /// Takes a trigger off its ladder; nothing happens when it is on none. O(1).
  @inlinable public mutating func remove(_ trigger: UInt32) {
    let record = triggers[Int(trigger)]
    if record.ladder == 0 { return }
    let place = Int(record.bucket)
    let head = heads[place]
    if head == trigger {
      heads[place] = record.next
      if record.next != 0 { triggers[Int(record.next)].previous = record.previous }
    } else {
      triggers[Int(record.previous)].next = record.next
      triggers[Int(record.next == 0 ? head : record.next)].previous = record.previous
    }
    triggers[Int(trigger)] = Trigger()
    ladders[Int(record.ladder)].count -= 1
    let page = place / Self.width
    if heads[place] == 0 {
      let bucket = place % Self.width
      words[page * 64 + bucket / 64] &= ~(1 << UInt64(bucket % 64))
      if words[page * 64 + bucket / 64] == 0 { summaries[page] &= ~(1 << UInt64(bucket / 64)) }
    }
    pages[UInt32(page)] -= 1
    if pages[UInt32(page)] == 0 {
      let octave = Self.place(of: record.threshold).octave
      directory[Int(record.ladder) * Self.octaves + octave] = 0
      ladders[Int(record.ladder)].octaves &= ~(1 << UInt64(octave))
      pages.remove(UInt32(page))
    }
  }

  /// Place of the bucket that a move of the coordinate reaches first, or −1.
  @inlinable func firstPlace(on ladder: UInt32) -> Int {
    let octaves = ladders[Int(ladder)].octaves
    if octaves == 0 { return -1 }
    let falls = Self.falls(ladder)
    let page = Int(directory[Int(ladder) * Self.octaves + Self.firstBit(of: octaves, falls: falls)])
    let word = Self.firstBit(of: summaries[page], falls: falls)
    return page * Self.width + word * 64 + Self.firstBit(of: words[page * 64 + word], falls: falls)
  }

  @inlinable static func firstBit(of word: UInt64, falls: Bool) -> Int {
    falls ? 63 - word.leadingZeroBitCount : word.trailingZeroBitCount
  }

  @inlinable static func isBeyond(_ coordinate: Int64, _ threshold: Int64, falls: Bool) -> Bool {
    falls ? coordinate < threshold : coordinate > threshold
  }

  /// Whether a trigger of the ladder has been crossed when its coordinate is `coordinate`.
  @inlinable public mutating func isCrossed(_ ladder: UInt32, at coordinate: Int64) -> Bool {
    let falls = Self.falls(ladder)
    let record = ladders[Int(ladder)]
    guard record.count > 0, Self.isBeyond(coordinate, record.nearest, falls: falls) else { return false }
    // The bound is only a bound: the trigger that set it may be gone.
    ladders[Int(ladder)].nearest = nearest(on: ladder)
    return Self.isBeyond(coordinate, ladders[Int(ladder)].nearest, falls: falls)
  }

  /// The threshold that is reached first. The ladder is not empty.
  @usableFromInline func nearest(on ladder: UInt32) -> Int64 {
    var trigger = heads[firstPlace(on: ladder)]
    var nearest = triggers[Int(trigger)].threshold
    while trigger != 0 {
      let threshold = triggers[Int(trigger)].threshold
      nearest = Self.falls(ladder) ? max(nearest, threshold) : min(nearest, threshold)
      trigger = triggers[Int(trigger)].next
    }
    return nearest
  }

  /// Takes the next crossed trigger off the ladder and returns it; 0: none is left.
  ///
  /// Buckets in the order in which a move reaches them, triggers of a bucket in order of entry. Those that are not
  /// crossed go to the back of their bucket, so that popping all that is crossed looks at each of them once.
  @inlinable public mutating func popCrossed(_ ladder: UInt32, at coordinate: Int64) -> UInt32 {
    let falls = Self.falls(ladder)
    let record = ladders[Int(ladder)]
    guard record.count > 0, Self.isBeyond(coordinate, record.nearest, falls: falls) else { return 0 }
    let place = firstPlace(on: ladder)
    let first = heads[place]
    var nearest = triggers[Int(first)].threshold
    var trigger = first
    repeat {
      let threshold = triggers[Int(trigger)].threshold
      if Self.isBeyond(coordinate, threshold, falls: falls) {
        remove(trigger)
        return trigger
      }
      nearest = falls ? max(nearest, threshold) : min(nearest, threshold)
      let next = triggers[Int(trigger)].next
      if next != 0 {
        triggers[Int(triggers[Int(trigger)].previous)].next = trigger
        triggers[Int(trigger)].next = 0
        heads[place] = next
      }
      trigger = heads[place]
    } while trigger != first
    ladders[Int(ladder)].nearest = nearest
    return 0
  }

  /// Calls `body` with every trigger of a ladder and its threshold, in the order in which they would be popped. Setting
  /// them in this order on an empty ladder makes the same ladder again.
  @inlinable public func forEach(on ladder: UInt32, _ body: (UInt32, Int64) -> Void) {
    let falls = Self.falls(ladder)
    var octaves = ladders[Int(ladder)].octaves
    while octaves != 0 {
      let octave = Self.firstBit(of: octaves, falls: falls)
      octaves &= ~(1 << UInt64(octave))
      let page = Int(directory[Int(ladder) * Self.octaves + octave])
      var summary = summaries[page]
      while summary != 0 {
        let word = Self.firstBit(of: summary, falls: falls)
        summary &= ~(1 << UInt64(word))
        var buckets = words[page * 64 + word]
        while buckets != 0 {
          let bucket = Self.firstBit(of: buckets, falls: falls)
          buckets &= ~(1 << UInt64(bucket))
          var trigger = heads[page * Self.width + word * 64 + bucket]
          while trigger != 0 {
            body(trigger, triggers[Int(trigger)].threshold)
            trigger = triggers[Int(trigger)].next
          }
        }
      }
    }
  }
}
