"""Writes vectors_room.json: room tokens of a foreign issuer, and what has to become of them.

Well-formed JWTs come from PyJWT; only what no library would sign is put together by hand. Run
`pip install PyJWT==2.15.1 cryptography==50.0.2`, then `python make_room_vectors.py`. The output is always the same. All
keys are made for these tests and open nothing.
"""

import hashlib
import hmac
import json
import pathlib

import jwt
from cryptography.hazmat.primitives import serialization

from make_vectors import GONE, NOW, b64url, changed, ed25519, raw

KEYS = {name: ed25519(f"room {name}") for name in ("current", "previous", "before", "app")}
ME = {"app": 1001, "user": "alice", "device": "phone"}
DONE = {"room": "lobby", "role": "member", "issued": NOW - 10, "expires": NOW + 110}


def kid(name: str) -> str:
    return "room-" + hashlib.sha256(b"offhook key EdDSA" + raw(KEYS[name])).hexdigest()[:32]


def claims(**changes) -> dict:
    base = {"aud": "room", "app": 1001, "sub": "alice", "device": "phone", "room": "lobby", "role": "member"}
    return changed({**base, "iat": NOW - 10, "exp": NOW + 110}, changes)


def header(**changes) -> dict:
    return changed({"typ": "room+jwt", "alg": "EdDSA", "kid": kid("current")}, changes)


def signed(body: bytes | dict, key: str = "current", **headers) -> str:
    """By hand: PyJWT writes no header without alg, and no claims that are no object."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"{b64url(json.dumps(header(**headers)).encode())}.{b64url(text)}"
    return f"{head}.{b64url(KEYS[key].sign(head.encode()))}"


def token(key: str = "current", **changes) -> str:
    head = header(kid=kid(key))
    head.pop("alg")
    return jwt.encode(claims(**changes), KEYS[key], algorithm="EdDSA", headers=head)


def hs256(secret: bytes) -> str:
    head = f"{b64url(json.dumps(header(alg='HS256')).encode())}.{b64url(json.dumps(claims()).encode())}"
    return f"{head}.{b64url(hmac.new(secret, head.encode(), hashlib.sha256).digest())}"


def pem(name: str) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEYS[name].public_key().public_bytes(serialization.Encoding.PEM, form)


def swapped(good: str, **changes) -> str:
    """The signature of one token under the claims of another."""
    head, _, signature = good.split(".")
    return f"{head}.{b64url(json.dumps(claims(**changes)).encode())}.{signature}"


def vectors() -> list[dict]:
    found = []

    def add(name: str, text: str, expect, **more) -> None:
        found.append({"name": name, "now_ms": NOW * 1000, **ME, "token": text, "expect": expect, **more})

    good = token()
    add("a member", good, DONE)
    add("a host", token(role="host"), {**DONE, "role": "host"})
    add("a viewer", token(role="viewer"), {**DONE, "role": "viewer"})
    add("the key before", token("previous"), DONE)
    add("with a jti", token(jti="1"), DONE)
    add("any visible room", token(room="a/b?c%20"), {**DONE, "room": "a/b?c%20"})
    add("the longest life", token(iat=NOW, exp=NOW + 600), {**DONE, "issued": NOW, "expires": NOW + 600})

    late = (NOW + 115) * 1000
    add("within the leeway", good, DONE, now_ms=late - 1)
    add("expired", good, "Expired", now_ms=late)
    add("ahead within the leeway", token(iat=NOW + 5), {**DONE, "issued": NOW + 5})
    add("not yet valid", token(iat=NOW + 6), "NotYetValid")
    add("too long a life", token(iat=NOW, exp=NOW + 601), "LifetimeTooLong")
    add("an empty life", token(exp=NOW - 10), "Malformed")
    add("no end", token(exp=GONE), "Malformed")
    add("no beginning", token(iat=GONE), "Malformed")

    add("another user", good, "WrongUser", user="bob")
    add("another device", good, "WrongDevice", device="tablet")
    add("no device", good, "WrongDevice", device=None)
    add("another app", good, "WrongIssuer", app=1002)
    add("the app as a text", token(app="1001"), "Malformed")
    add("another audience", token(aud="call"), "WrongAudience")
    add("no audience", token(aud=GONE), "Malformed")
    add("several audiences", token(aud=["room"]), "Malformed")
    for missing in ("app", "sub", "device", "room", "role"):
        add(f"no {missing}", token(**{missing: GONE}), "Malformed")
    add("an unknown role", token(role="king"), "Malformed")
    add("a room with a blank", token(room="a b"), "Malformed")
    add("a room of 129 bytes", token(room="r" * 129), "Malformed")
    add("an empty room", token(room=""), "Malformed")

    add("another type", signed(claims(), typ="call+jwt"), "WrongType")
    add("the usual type", signed(claims(), typ="JWT"), "WrongType")
    add("no type", signed(claims(), typ=GONE), "Malformed")
    add("a key before the previous", token("before"), "UnknownKey")
    add("an app's key under the current id", signed(claims(), key="app"), "NotAuthentic")
    add("the previous key under the current id", signed(claims(), key="previous"), "NotAuthentic")
    add("no key id", signed(claims(), kid=GONE), "Malformed")
    add("alg none", signed(claims(), alg="none").rsplit(".", 1)[0] + ".", "WrongAlgorithm")
    add("HS256 with the raw public key", hs256(raw(KEYS["current"])), "WrongAlgorithm")
    add("HS256 with the public key in PEM", hs256(pem("current")), "WrongAlgorithm")
    add("a key of its own", signed(claims(), jwk={"kty": "OKP", "x": b64url(raw(KEYS["app"]))}), "Malformed")
    add("a critical parameter", signed(claims(), crit=["exp"], exp=1), "Malformed")
    add("claims of another token", swapped(good, room="vault"), "NotAuthentic")
    add("role of another token", swapped(good, role="host"), "NotAuthentic")
    add("no signature", good.rsplit(".", 1)[0] + ".", "NotAuthentic")
    add("a short signature", good.rsplit(".", 1)[0] + "." + b64url(b"x" * 63), "NotAuthentic")
    add("bits to spare", good[:-4], "Malformed")
    add("claims that are a list", signed(b'["room",1001,"alice","phone","lobby","member",1,2]'), "Malformed")
    add("claims that are no JSON", signed(b"{nope"), "Malformed")
    add("two parts", good.rsplit(".", 1)[0], "Malformed")
    add("four parts", good + ".x", "Malformed")
    add("nothing", "", "Malformed")
    add("oversize", signed(claims(more="x" * 9000)), "TooLarge")
    return found


def main() -> None:
    private = serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    document = {
        "current": b64url(KEYS["current"].private_bytes(*private)),
        "previous": b64url(raw(KEYS["previous"])),
        "vectors": vectors(),
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    pathlib.Path(__file__).with_name("vectors_room.json").write_text(text)


if __name__ == "__main__":
    main()
