"""Reckons rates with the functions of the Python margin reference and compares them with what it is told.

Usage: rates.py <folder of reference.py> <figures>. One figure a line: a name, its arguments, what the venue found.
Run by DynamicRateOracleTests.
"""
import sys

sys.path.insert(0, sys.argv[1])
import reference as r  # noqa: E402


def open_interest(base, notional, lower, upper):
    """The specification rounds requirements up; the reference rounds this one down (as dYdX does)."""
    down = r.oi_scaled_rate(base, notional, lower, upper)
    exact = r.Fr(base) + r.Fr((r.RATE - base) * min(max(notional - lower, 0), upper - lower), upper - lower)
    assert down <= exact < down + 1
    return down if down == exact else down + 1


def impact(*numbers):
    lots, knots = numbers[0], numbers[1:]
    return r.liq_addon_rate(list(zip(knots[::2], knots[1::2])), lots)


functions = {
    "return": lambda previous, price: r.vol_return(price, previous),
    "variance": r.ewma_var_step,
    "rate": r.apc_rate,
    "openInterest": open_interest,
    "impact": impact,
}
compared, differences = 0, []
for line in open(sys.argv[2]):
    name, *numbers = line.split()
    *arguments, found = map(int, numbers)
    expected = functions[name](*arguments)
    compared += 1
    if expected != found:
        differences.append(f"{name} {arguments}: reference {expected}, venue {found}")
print(f"compared {compared} figures, {len(differences)} differences")
for difference in differences[:10]:
    print(difference)
