#!/usr/bin/env python3
"""Verifies a Lockstep solvency proof (or report) with nothing but the file and the venue's public key.

    verify_proof.py FILE --public-key HEX [--json]

Standard library only, written from Protocol/solvency.md and sharing no code with the venue's own verifier. Exit code 0:
verified; 1: not to be believed; 2: wrong arguments, or a file that cannot be read.
"""
import hashlib
import json
import struct
import sys

SIGNED_TEXT = b"lockstep solvency report 1\n"
HOUSE = {1: "fees", 2: "pool", 3: "insurance fund", 4: "reserve", 5: "dust", 6: "accrued"}


class Refused(Exception):
    """Why the file is not to be believed."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


# --------------------------------------------------------------------------------------------------- Ed25519 (RFC 8032)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def signature_is_good(public_key, message, signature):
    point, commitment = decompress(public_key), decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or commitment is None or scalar >= ORDER:
        return False
    if any(equal(times(8, each), (0, 1, 1, 0)) for each in (point, commitment)):
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return equal(times(scalar, BASE), add(commitment, times(challenge, point)))


# --------------------------------------------------------------------------------------------------- Hashes and numbers


def blake(name, data):
    return hashlib.blake2b(data, digest_size=32, person=name.encode().ljust(16, b"\0")).digest()


def words(values):
    return b"".join(value.to_bytes(16, "little") for value in values)


def leaves_below(place, height, leaves):
    start = place << height
    return max(0, min(1 << height, leaves - start))


class Reader:
    def __init__(self, data):
        self.data, self.offset = data, 0

    def bytes(self, count):
        require(self.offset + count <= len(self.data), "it ends in the middle of a field")
        self.offset += count
        return self.data[self.offset - count : self.offset]

    def unsigned(self, count):
        return int.from_bytes(self.bytes(count), "little")

    def signed(self, count):
        return int.from_bytes(self.bytes(count), "little", signed=True)


# --------------------------------------------------------------------------------------------------- The report


def read_report(reader, expected_key):
    start = reader.offset
    require(reader.bytes(8) == b"LSSOLVEN", "it is not a solvency report (magic bytes)")
    require(reader.unsigned(4) == 1, "a format version that this program does not know")
    size = reader.unsigned(4)
    report = {"venue": reader.unsigned(8), "sequence": reader.unsigned(8), "time": reader.signed(8)}
    report["state_hash"], report["log_chain"], report["root"] = reader.bytes(32), reader.bytes(32), reader.bytes(32)
    report["leaves"], report["height"], report["money_digits"] = reader.unsigned(8), reader.unsigned(1), reader.unsigned(1)
    assets, entries = reader.unsigned(2), reader.unsigned(4)
    columns = assets + 3
    require(assets > 0 and size == 152 + 44 * assets + 32 * columns + 24 * entries + 96, "the report's size is wrong")
    report["assets"] = []
    for _ in range(assets):
        row = {"id": reader.unsigned(2), "digits": reader.unsigned(1), "scale": reader.unsigned(1)}
        row["symbol"] = reader.bytes(16).rstrip(b"\0").decode("ascii", "replace")
        row["price"], row["deposited"] = reader.signed(8), reader.signed(16)
        report["assets"].append(row)
    report["sums"] = [reader.unsigned(16) for _ in range(2 * columns)]
    report["house"] = []
    for _ in range(entries):
        row = {"kind": reader.unsigned(2), "asset": reader.unsigned(2), "instrument": reader.unsigned(4)}
        row["amount"] = reader.signed(16)
        require(row["kind"] in HOUSE, "an unknown kind of house entry")
        report["house"].append(row)
    key = reader.bytes(32)
    report["hash"] = blake("lockstep.report", reader.data[start : reader.offset])
    signature = reader.bytes(64)
    require(key == expected_key, "the report was signed with another key than the one given")
    require(signature_is_good(key, SIGNED_TEXT + report["hash"], signature), "the venue's signature is false")
    check_report(report)
    return report


def check_report(report):
    assets, sums = report["assets"], report["sums"]
    first, columns = assets[0], len(assets) + 3
    require(
        (first["id"], first["price"], first["scale"], first["digits"]) == (0, 1, 0, report["money_digits"]),
        "the first asset is not the settlement currency",
    )
    require(all(a["id"] < b["id"] for a, b in zip(assets, assets[1:])), "the assets are not in order")
    require(all(a["scale"] <= 36 and a["digits"] <= 36 and a["price"] >= 0 for a in assets), "an asset is out of range")
    require(report["leaves"] <= 1 << 40, "more leaves than a tree can have")
    require(report["height"] == max(0, report["leaves"] - 1).bit_length(), "the tree's height is not that of its leaves")
    require(sums[2 * columns - 1] == 0, "the total of maintenance margins has a negative part")
    require(all(e["asset"] in [a["id"] for a in assets] for e in report["house"]), "money in an asset that is not listed")
    for column, asset in enumerate(assets):
        amounts = [sums[2 * column] - sums[2 * column + 1]]
        if column == 0:
            amounts.append(sums[2 * len(assets)] - sums[2 * len(assets) + 1])
        amounts += [entry["amount"] for entry in report["house"] if entry["asset"] == asset["id"]]
        require(sum(amounts) == asset["deposited"], "asset %d: the report does not add up" % asset["id"])


# --------------------------------------------------------------------------------------------------- The proof


def read_proof(data, expected_key):
    reader = Reader(data)
    require(reader.bytes(8) == b"LSSPROOF", "it is not a solvency proof (magic bytes)")
    require(reader.unsigned(4) == 1, "a format version that this program does not know")
    size, account, parts = reader.unsigned(4), reader.unsigned(4), reader.unsigned(4)
    require(4 <= parts <= 64, "an account cannot have %d parts" % parts)
    report = read_report(reader, expected_key)
    columns, height = len(report["assets"]) + 3, report["height"]
    rest = parts * (40 + 16 * columns + height * (40 + 32 * columns))
    require(size == len(data) == reader.offset + rest, "the file's size is wrong")
    totals, places = [0] * columns, set()
    for number in range(parts):
        place, figures = follow(reader, report, account, number, parts)
        require(place not in places, "two parts are the same leaf")
        places.add(place)
        for column, figure in enumerate(figures):
            require(totals[column] * figure >= 0, "part %d: parts of different signs" % number)
            totals[column] += figure
    check_figures(totals, report)
    return report, account, totals


def follow(reader, report, account, number, parts):
    """Follows one part to the root; returns its place and its figures."""
    columns, leaves = len(report["assets"]) + 3, report["leaves"]
    place, salt = reader.unsigned(8), reader.bytes(32)
    row = reader.bytes(16 * columns)
    figures = [int.from_bytes(row[16 * i : 16 * i + 16], "little", signed=True) for i in range(columns)]
    where = "part %d: " % number
    require(place < leaves, where + "a place beyond the last leaf")
    require(min(figures) > -(1 << 127) and figures[-1] >= 0, where + "a figure is out of range")
    node = blake("lockstep.leaf", struct.pack("<IHHI", account, number, parts, columns) + salt + row)
    sums = [amount for figure in figures for amount in (max(figure, 0), max(-figure, 0))]
    for height in range(report["height"]):
        other, count = reader.bytes(32), reader.unsigned(8)
        other_sums = [reader.unsigned(16) for _ in range(2 * columns)]
        index = place >> height
        require(count == leaves_below(index ^ 1, height, leaves), where + "a node covers a wrong number of leaves")
        if count == 0:
            padding = blake("lockstep.padding", struct.pack("<II", height, columns))
            require(other == padding and not any(other_sums), where + "padding that is not empty")
        require(other_sums[-1] == 0, where + "a node has a negative maintenance margin")
        own = (leaves_below(index, height, leaves), node, sums)
        left, right = (own, (count, other, other_sums)) if index % 2 == 0 else ((count, other, other_sums), own)
        node = blake(
            "lockstep.node",
            struct.pack("<IIQQ", height + 1, columns, left[0], right[0])
            + left[1] + right[1] + words(left[2]) + words(right[2]),
        )
        sums = [a + b for a, b in zip(sums, other_sums)]
        require(max(sums) < 1 << 128, where + "a sum overflows 128 bits")
    root = blake(
        "lockstep.root",
        struct.pack("<QQq", report["venue"], report["sequence"], report["time"]) + report["state_hash"]
        + struct.pack("<IIQ", report["height"], columns, leaves) + node + words(sums),
    )
    require(sums == report["sums"] and root == report["root"], where + "its path does not lead to the signed root")
    return place, figures


def check_figures(figures, report):
    assets = report["assets"]
    worth = sum(figure * asset["price"] // 10 ** asset["scale"] for figure, asset in zip(figures, assets))
    require(
        worth + figures[len(assets)] == figures[len(assets) + 1],
        "equity is not what the balances and positions are worth at the report's prices",
    )


# --------------------------------------------------------------------------------------------------- Printing


def amount(value, digits):
    text = str(abs(value)).rjust(digits + 1, "0")
    whole, fraction = (text[:-digits], text[-digits:]) if digits else (text, "")
    return ("-" if value < 0 else "") + "{:,}".format(int(whole)) + ("." + fraction if fraction else "")


def describe(report, account, figures):
    assets, digits = report["assets"], report["money_digits"]
    print("Verified: venue %x, sequence %d, time %d ns" % (report["venue"], report["sequence"], report["time"]))
    print("  report hash  " + report["hash"].hex() + "  (compare it with the one that the venue publishes)")
    print("  state hash   " + report["state_hash"].hex())
    if account is not None:
        print("  account %d is counted in full:" % account)
        for asset, figure in zip(assets, figures):
            print("    %-12s %s" % (asset["symbol"] or "settlement", amount(figure, asset["digits"])))
        for name, figure in zip(("positions", "equity", "maintenance"), figures[len(assets) :]):
            print("    %-12s %s" % (name, amount(figure, digits)))
    print("Not proved: that the venue has the assets; that every other account was counted.")


def main(arguments):
    flags = [a for a in arguments if a == "--json"]
    rest = [a for a in arguments if a != "--json"]
    if len(rest) != 3 or rest[1] != "--public-key":
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        with open(rest[0], "rb") as file:
            data = file.read()
        key = bytes.fromhex(rest[2])
        if len(key) != 32:
            raise ValueError("the public key is not 64 hexadecimal digits")
    except (OSError, ValueError) as error:
        print("verify_proof: %s" % error, file=sys.stderr)
        return 2
    account = figures = None
    try:
        if data[:8] == b"LSSOLVEN":
            reader = Reader(data)
            report = read_report(reader, key)
            require(reader.offset == len(data), "something follows the report")
        else:
            report, account, figures = read_proof(data, key)
    except Refused as reason:
        if flags:
            print(json.dumps({"verified": False, "reason": str(reason)}))
        print("verify_proof: NOT VERIFIED: %s" % reason, file=sys.stderr)
        return 1
    if flags:
        result = {"verified": True, "venue": "%x" % report["venue"], "sequence": report["sequence"]}
        result.update(time=report["time"], reportHash=report["hash"].hex(), account=account, figures=figures)
        print(json.dumps(result))
    else:
        describe(report, account, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
