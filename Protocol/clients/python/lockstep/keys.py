"""Login keys: the files that `lockstep keygen` writes."""

from typing import Callable, Union

from . import ed25519

# What `connect` takes: the path of a key file, the 32 bytes of a seed, or a function that signs.
Signer = Callable[[bytes], bytes]
KeySource = Union[str, bytes, Signer]


def read_key_file(path: str) -> bytes:
    """The seed in a key file: 64 hexadecimal digits on a line; empty lines and those that start with # do not count."""
    with open(path, encoding="ascii", errors="replace") as file:
        lines = [line.strip() for line in file]
    digits = [line for line in lines if line and not line.startswith("#")]
    if len(digits) != 1 or len(digits[0]) != 64:
        raise ValueError("%s is no login key: one line of 64 hexadecimal digits is needed" % path)
    try:
        return bytes.fromhex(digits[0])
    except ValueError:
        raise ValueError("%s is no login key: not hexadecimal digits" % path) from None


def signer(key: KeySource) -> Signer:
    """The function that signs a login."""
    if callable(key):
        return key
    seed = read_key_file(key) if isinstance(key, str) else bytes(key)
    if len(seed) != 32:
        raise ValueError("the seed of a login key has 32 bytes, not %d" % len(seed))
    return lambda message: ed25519.sign(seed, message)
