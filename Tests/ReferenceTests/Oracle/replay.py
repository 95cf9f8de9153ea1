"""Replays what a venue reported through the Python margin reference and compares every figure.

Usage: replay.py <folder of reference.py> <stream.jsonl>. Run by PythonOracleTests.
"""
import json
import sys

sys.path.insert(0, sys.argv[1])
import reference as r  # noqa: E402

compared = 0
differences = []


def same(what, expected, found):
    global compared
    compared += 1
    if expected != found:
        differences.append(f"{what}: reference {expected}, venue {found}")


def market(line):
    result = r.Market()
    result.group[0] = r.Group()
    for asset, price, scale, hc_mm, hc_im, li_mm, li_im, stable in line["assets"]:
        result.asset[asset] = r.Asset(
            price=price, scale=scale, hc_mm=[tuple(x) for x in hc_mm], hc_im=[tuple(x) for x in hc_im],
            li_mm=li_mm, li_im=li_im, stable=stable)
    for row in line["instruments"]:
        (key, perpetual, base, quote, m, lot, base_lot, mark, mm, im, base_mm, base_im, imf, vol_mm, vol_im, kappa,
         weight, long_curve, short_curve) = row
        instrument = r.Inst(
            id=key, kind="perp" if perpetual else "spot", group=0, m=m, P=mark, mm=r.Tiers([tuple(x) for x in mm]),
            im=r.Tiers([tuple(x) for x in im]), base_mm=base_mm, base_im=base_im, imf=imf, vol_mm=vol_mm, vol_im=vol_im,
            kappa=kappa, w_im=weight, curve=[tuple(x) for x in long_curve], curve_s=[tuple(x) for x in short_curve],
            base_lot=base_lot, base=base, quote=quote)
        # One lot is lot / 10^12 units; the reference counts lots per unit, here as a fraction.
        instrument.u = r.Fr(10**12, lot)
        result.inst[key] = instrument
    return result


def size_premium_rate(base, imf, lots, u):
    """The reference's own formula with u a fraction: ceil(|x| 10^6 / u) is exact."""
    if imf == 0:
        return base
    units = r.Fr(abs(lots) * 10**6) / u
    up = -((-units.numerator) // units.denominator)
    premium = r.mul_div_ceil(base, 4, 5) + r.mul_div_ceil(imf, r.isqrt_ceil(up), 1000)
    return min(r.RATE_MAX, max(base, premium))


r.size_premium_rate = size_premium_rate


def check(line, replayed):
    mkt = market(line)
    accounts = {}
    for row in line["accounts"]:
        account = r.Account(row["id"], lev=row["leverage"], bal={a: b for a, b in row["balances"]})
        for key, q, cost, b, s, b_ro, s_ro, bn, sn, bx, sx, prov in row["positions"]:
            if mkt.inst[key].kind == "spot" and b == 0 and s == 0:
                continue  # nothing is reserved for a pair without orders, priced or not
            account.pos[key] = r.Pos(
                q=q, cost=cost, B=b, S=s, Bro=b_ro, Sro=s_ro, Bn=bn, Sn=sn, Bx=bx, Sx=sx, prov=prov)
        accounts[row["id"]] = (account, row)
    for name, (account, row) in accounts.items():
        for key in account.pos:
            others = [a.pos[key] for n, (a, x) in accounts.items()
                      if n != name and x["master"] == row["master"] and key in a.pos]
            account.sib[key] = (sum(max(0, r.x_plus(p)) for p in others), sum(max(0, -r.x_minus(p)) for p in others))
        if row["standard"]:
            result = r.full_recompute(account, mkt)
            times = row["multiplier"]
            expected = [result["E_mm"], result["E_im"], r.mul_div_ceil(result["IM"], times, r.RATE),
                        r.mul_div_ceil(result["MM"], times, r.RATE)]
            for what, a, b in zip(("E_mm", "E_im", "IM", "MM"), expected, row["figures"]):
                same(f"account {name} {what}", max(-2**63, min(2**63 - 1, a)), b)
        mine = replayed.setdefault(name, r.Account(name))
        for asset, balance in row["balances"]:
            same(f"account {name} balance of {asset}", mine.bal.get(asset, 0), balance)
        for key, q, cost, *_ in row["positions"]:
            position = mine.pos.get(key, r.Pos())
            same(f"account {name} lots of {key}", position.q, q)
            same(f"account {name} cost of {key}", position.cost, cost)


def pending(events, mkt, replayed):
    """Fills and movements of money since the last check, through position_fill and add_balance."""
    for event in events:
        if "cash" in event:
            name, asset, amount = event["cash"]
            r.add_balance(replayed.setdefault(name, r.Account(name)), r.Market(), asset, amount)
        else:
            name, key, lots, price, fee = event["fill"]
            account = replayed.setdefault(name, r.Account(name))
            r.position_fill(account, mkt, key, lots, price)
            r.add_balance(account, r.Market(), mkt.inst[key].quote, -fee)


replayed = {}
events = []
with open(sys.argv[2]) as stream:
    for text in stream:
        line = json.loads(text)
        if "begin" in line:
            replayed, events = {}, []
        elif "marks" in line:
            for row in line["marks"]:
                same(f"mark of {row[:-1]}", r.mark_price(*row[:-1]), row[-1])
        elif "accounts" in line:
            pending(events, market(line), replayed)
            events = []
            check(line, replayed)
        else:
            events.append(line)
for difference in differences[:20]:
    print(difference)
print(f"compared {compared} figures, {len(differences)} differences")
