"""Writes vectors.json: tokens of a foreign issuer, and what has to become of them.

Well-formed JWTs come from PyJWT, token04 from `cryptography`; only what no library would sign is put together by hand.
Run `pip install PyJWT==2.15.1 cryptography==50.0.2`, then `python make_vectors.py`. The output is always the same. All
keys are made for these tests and open nothing.
"""

import base64
import hashlib
import hmac
import json
import pathlib

import jwt
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

NOW = 1_763_700_000
HOUR = 3600
DAY = 24 * HOUR


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ed25519(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def pem(key: Ed25519PrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


SECRETS = {
    name: f"{name}: a secret made for the test vectors"
    for name in ("hs-1", "hs-off", "hs-later", "hs-2", "srv-1", "srv-off", "srv-2")
}
KEYS = {**SECRETS, "ed-1": ed25519("ed-1"), "ed-raw": ed25519("ed-raw"), "srv-ed": ed25519("srv-ed")}
TOKEN04 = {1001: "0123456789abcdef0123456789abcdef", 1003: "fedcba9876543210fedcba9876543210"}


def hs(name: str, purpose: str = "user", **more) -> dict:
    return {"id": name, "purpose": purpose, "algorithm": "HS256", "text": SECRETS[name], **more}


def ed(name: str, text: str, purpose: str = "user") -> dict:
    return {"id": name, "purpose": purpose, "algorithm": "EdDSA", "text": text}


APPS = [
    {
        "id": 1001,
        "keys": [
            hs("hs-1"),
            hs("hs-off", enabled=False),
            hs("hs-later", not_before=NOW + 100),
            ed("ed-1", pem(KEYS["ed-1"])),
            ed("ed-raw", b64url(raw(KEYS["ed-raw"]))),
            hs("srv-1", "server"),
            hs("srv-off", "server", enabled=False),
            ed("srv-ed", pem(KEYS["srv-ed"]), "server"),
        ],
        "token04_secret": TOKEN04[1001],
        "users_valid_after": {"mallory": NOW - 600},
    },
    {"id": 1002, "keys": [hs("hs-2"), hs("srv-2", "server")], "tokens_valid_after": NOW - 1800},
    {"id": 1003, "keys": [], "token04_secret": TOKEN04[1003]},
]

GONE = object()


def changed(base: dict, changes: dict) -> dict:
    return {name: value for name, value in {**base, **changes}.items() if value is not GONE}


def user_claims(**changes) -> dict:
    base = {"iss": "1001", "sub": "alice", "aud": "call", "iat": NOW - 60, "exp": NOW - 60 + HOUR}
    return changed(base, changes)


def server_claims(**changes) -> dict:
    return changed({"iss": "1001", "aud": "rest", "iat": NOW - 10, "exp": NOW + 50}, changes)


def issue(claims: dict, kid: str = "hs-1", typ: str = "call+jwt", **header) -> str:
    """A token that PyJWT signs."""
    algorithm = "HS256" if kid in SECRETS else "EdDSA"
    return jwt.encode(claims, KEYS[kid], algorithm=algorithm, headers={"kid": kid, "typ": typ, **header})


def forge(header, claims, secret: str = SECRETS["hs-1"]) -> str:
    """A token with any header and any claims (objects, or the bytes of something else) and a right MAC."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    signed = ".".join(map(b64url, parts))
    return signed + "." + b64url(hmac.digest(secret.encode(), signed.encode(), "sha256"))


def header(**changes) -> dict:
    return changed({"alg": "HS256", "typ": "call+jwt", "kid": "hs-1"}, changes)


def token04(key_app: int = 1001, outer_expire=None, plain: bytes | None = None, **changes) -> str:
    base = {"app_id": 1001, "user_id": "alice", "nonce": -77, "ctime": NOW - 60, "expire": NOW + HOUR}
    claims = changed({**base, "payload": ""}, changes)
    padder = padding.PKCS7(128).padder()
    text = json.dumps(claims, separators=(",", ":")).encode() if plain is None else plain
    padded = padder.update(text) + padder.finalize()
    return seal04(padded, key_app, claims.get("expire", NOW) if outer_expire is None else outer_expire)


def seal04(padded: bytes, key_app: int = 1001, expire: int = NOW + HOUR) -> str:
    iv = b"k3jd9sl2mvb8qpz0"
    encryptor = Cipher(algorithms.AES(TOKEN04[key_app].encode()), modes.CBC(iv)).encryptor()
    return envelope(iv, encryptor.update(padded) + encryptor.finalize(), expire)


def envelope(iv: bytes, ciphertext: bytes, expire: int = NOW + HOUR) -> str:
    lengths = [expire.to_bytes(8, "big", signed=True), len(iv).to_bytes(2, "big"), len(ciphertext).to_bytes(2, "big")]
    return "04" + base64.b64encode(lengths[0] + lengths[1] + iv + lengths[2] + ciphertext).decode()


def flipped(token: str, at: int) -> str:
    """The token04 with one bit of its bytes flipped."""
    data = bytearray(base64.b64decode(token[2:]))
    data[at] ^= 1
    return "04" + base64.b64encode(data).decode()


VECTORS: list[dict] = []


def vector(name: str, token: str, expect, call: str = "user", now: float = NOW, **more) -> None:
    """`expect` is a variant of AuthError, or the fields of the grant that matter."""
    VECTORS.append({"name": name, "call": call, "token": token, "now_ms": round(now * 1000), "expect": expect, **more})


def good_user_tokens() -> None:
    alice = {"app": 1001, "user": "alice", "issued": NOW - 60, "expires": NOW - 60 + HOUR}
    full = user_claims(name="Alice Ö", scope="call:invite call:join")
    vector("HS256", issue(user_claims()), {**alice, "key": "hs-1"})
    vector("HS256, app expected", issue(user_claims()), alice, app=1001)
    vector("EdDSA, key in PEM", issue(user_claims(), "ed-1"), {**alice, "key": "ed-1"})
    vector("EdDSA, raw key", issue(user_claims(), "ed-raw"), {**alice, "key": "ed-raw"})
    vector("name and scope", issue(full), {**alice, "name": "Alice Ö", "scope": "call:invite call:join"})
    vector("empty name keeps the name", issue(user_claims(name="")), {**alice, "name": None})
    vector("nothing for a name", issue(user_claims(name=None)), {**alice, "name": None})
    vector("unknown claims are ignored", issue(user_claims(jti="1", admin=True)), alice)
    vector("unknown header is ignored", issue(user_claims(), cty="x", x5t="abc"), alice)
    vector("parts of a second", issue(user_claims(iat=NOW - 59.25, exp=NOW + 0.75)), {"issued": NOW - 60, "expires": NOW})
    vector("longest name", issue(user_claims(name="n" * 256)), {"name": "n" * 256})
    vector("longest user id", issue(user_claims(sub="u" * 32)), {"user": "u" * 32})
    vector("24 hours", issue(user_claims(exp=NOW - 60 + DAY)), {"expires": NOW - 60 + DAY})
    vector("another app", issue(user_claims(iss="1002"), "hs-2"), {"app": 1002, "key": "hs-2"})


def edges_of_time() -> None:
    short = issue(user_claims(exp=NOW))
    for name, now, expect in [
        ("a second before exp", NOW - 1, {"expires": NOW}),
        ("at exp", NOW, {"expires": NOW}),
        ("59 s after exp", NOW + 59, {}),
        ("a millisecond before the leeway ends", NOW + 59.999, {}),
        ("60 s after exp", NOW + 60, "Expired"),
        ("61 s after exp", NOW + 61, "Expired"),
    ]:
        vector(name, short, expect, now=now)
    for claim, at in [("nbf", {"nbf": NOW}), ("iat", {"iat": NOW})]:
        token = issue(user_claims(**at))
        vector(f"61 s before {claim}", token, "NotYetValid", now=NOW - 61)
        vector(f"60 s and a millisecond before {claim}", token, "NotYetValid", now=NOW - 60.001)
        vector(f"60 s before {claim}", token, {}, now=NOW - 60)
        vector(f"59 s before {claim}", token, {}, now=NOW - 59)
    vector("iat ahead, nbf long past", issue(user_claims(iat=NOW + 61, nbf=NOW - DAY)), "NotYetValid")
    later = issue(user_claims(), "hs-later")
    vector("a second before the key is in force", later, "KeyNotInForce", now=NOW + 99)
    vector("when the key comes into force", later, {"key": "hs-later"}, now=NOW + 100)
    vector("24 hours and a second", issue(user_claims(exp=NOW - 60 + DAY + 1)), "LifetimeTooLong")
    vector("ends when it begins", issue(user_claims(exp=NOW - 60)), "Malformed")
    vector("ends before it begins", issue(user_claims(exp=NOW - 61)), "Malformed")
    vector("user revoked, issued before", issue(user_claims(sub="mallory", iat=NOW - 601)), "Revoked")
    vector("user revoked, issued at the time", issue(user_claims(sub="mallory", iat=NOW - 600)), {"user": "mallory"})
    vector("app revoked, issued before", issue(user_claims(iss="1002", iat=NOW - 1801), "hs-2"), "Revoked")
    vector("app revoked, issued at the time", issue(user_claims(iss="1002", iat=NOW - 1800), "hs-2"), {})


def forged_headers() -> None:
    claims = user_claims()
    jwk = {"kty": "oct", "k": b64url(b"the attacker's own secret, 32 bytes"), "alg": "HS256"}
    unsigned = ".".join(forge(header(alg="none"), claims).split(".")[:2]) + "."
    public_as_secret = pem(KEYS["ed-1"])
    vector("alg none without a signature", unsigned, "WrongAlgorithm")
    vector("alg NONE with a right MAC", forge(header(alg="NONE"), claims), "WrongAlgorithm")
    vector("no signature", forge(header(), claims).rsplit(".", 1)[0] + ".", "NotAuthentic")
    vector("public key as secret", forge(header(kid="ed-1"), claims, public_as_secret), "WrongAlgorithm")
    vector("public key as secret, alg kept", forge(header(kid="ed-1", alg="EdDSA"), claims, public_as_secret), "NotAuthentic")
    vector("EdDSA claimed for a secret", forge(header(alg="EdDSA"), claims), "WrongAlgorithm")
    vector("HS512 for a key of HS256", jwt.encode(claims, "x" * 64, "HS512", header(alg=GONE)), "WrongAlgorithm")
    vector("alg in other letters", forge(header(alg="hs256"), claims), "WrongAlgorithm")
    vector("signed with another secret", forge(header(), claims, SECRETS["hs-2"]), "NotAuthentic")
    vector("signed with another Ed25519 key", jwt.encode(claims, KEYS["ed-raw"], "EdDSA", header(alg=GONE, kid="ed-1")), "NotAuthentic")
    for name, value in [("jwk", jwk), ("jku", "https://evil.example/keys"), ("x5u", "https://evil.example/cert")]:
        vector(f"header {name}", forge(header(**{name: value}), claims), "Malformed")
    vector("header x5c", forge(header(x5c=["MIIB"]), claims), "Malformed")
    vector("header jwk, which is null", forge(header(jwk=None), claims), "Malformed")
    vector("header crit", forge(header(crit=["exp"]), claims), "Malformed")
    vector("unknown kid", forge(header(kid="hs-9"), claims), "UnknownKey")
    vector("kid that looks like a path", forge(header(kid="../../dev/null"), claims, ""), "UnknownKey")
    vector("no kid", forge(header(kid=GONE), claims), "Malformed")
    vector("kid is a number", forge(header(kid=1), claims), "Malformed")
    vector("no alg", forge(header(alg=GONE), claims), "Malformed")
    vector("no typ", forge(header(typ=GONE), claims), "Malformed")
    vector("typ JWT", issue(claims, typ="JWT"), "WrongType")
    vector("server token at the gateway", issue(server_claims(), "srv-1", "srv+jwt"), "WrongType")
    vector("room token at the gateway", issue(claims, typ="room+jwt"), "WrongType")
    vector("user token of a server key", issue(claims, "srv-1"), "WrongPurpose")
    vector("disabled key", issue(claims, "hs-off"), "KeyNotInForce")
    vector("header is an array", forge(["HS256", "call+jwt", "hs-1"], claims), "Malformed")
    twice = b'{"alg":"none","alg":"HS256","typ":"call+jwt","kid":"hs-1"}'
    vector("header says alg twice", forge(twice, claims), "Malformed")


def wrong_claims() -> None:
    for claim in ("iss", "sub", "aud", "iat", "exp"):
        vector(f"no {claim}", issue(user_claims(**{claim: GONE})), "Malformed")
    for claim, value in [
        ("iss", 1001), ("sub", 7), ("aud", ["call"]), ("iat", str(NOW)), ("exp", str(NOW + 60)), ("exp", None),
        ("exp", -1), ("exp", 2**63), ("exp", 1e300), ("exp", True), ("nbf", "now"), ("name", 5), ("scope", ["a"]),
    ]:  # fmt: skip
        vector(f"{claim} is {json.dumps(value)}", forge(header(), user_claims(**{claim: value})), "Malformed")
    vector("wrong aud", issue(user_claims(aud="rest")), "WrongAudience")
    vector("other app's iss", issue(user_claims(iss="1002")), "WrongIssuer")
    vector("other app's key", issue(user_claims(), "hs-2"), "WrongIssuer")
    vector("unknown app's iss", issue(user_claims(iss="9999")), "WrongIssuer")
    vector("iss with a leading zero", issue(user_claims(iss="01001")), "WrongIssuer")
    vector("app not the expected one", issue(user_claims()), "WrongIssuer", app=1002)
    vector("empty sub", issue(user_claims(sub="")), "Malformed")
    vector("sub too long", issue(user_claims(sub="u" * 33)), "Malformed")
    vector("sub with a slash", issue(user_claims(sub="a/b")), "Malformed")
    vector("name too long", issue(user_claims(name="n" * 257)), "Malformed")
    vector("scope too long", issue(user_claims(scope="s" * 1025)), "Malformed")
    vector("claims are an array", forge(header(), ["1001", "alice", "call", NOW, NOW + 60]), "Malformed")
    vector("claims are no JSON", forge(header(), b"{alice"), "Malformed")
    vector("claims are not UTF-8", forge(header(), b'{"sub":"\xff"}'), "Malformed")
    vector("claims are nested deeply", forge(header(), b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}"), "Malformed")
    twice = json.dumps(user_claims())[:-1] + ',"sub":"bob"}'
    vector("claims say sub twice", forge(header(), twice.encode()), "Malformed")


def garbage() -> None:
    good = issue(user_claims())
    first, second, third = good.split(".")
    swapped = f"{first}.{issue(user_claims(sub='bob')).split('.')[1]}.{third}"
    for name, token, error in [
        ("empty", "", "Malformed"),
        ("dots", "..", "Malformed"),
        ("two parts", f"{first}.{second}", "Malformed"),
        ("four parts", f"{good}.{third}", "Malformed"),
        ("padded base64", f"{first}.{second}.{third}=", "Malformed"),
        ("standard base64", f"{first}.{second}.+/{third[2:]}", "Malformed"),
        ("space around", f" {good}", "Malformed"),
        ("Bearer before", f"Bearer {good}", "Malformed"),
        ("claims of another token", swapped, "NotAuthentic"),
        ("signature cut", good[:-3], "NotAuthentic"),
        ("signature cut, with bits left over", good[:-4], "Malformed"),
        ("letters beyond ASCII", "é.ü.ß", "Malformed"),
        ("8 KiB of nothing", "a" * 8192, "Malformed"),
        ("more than 8 KiB", "a" * 8193, "TooLarge"),
        ("good, but more than 8 KiB", issue(user_claims(note="n" * 8192)), "TooLarge"),
    ]:
        vector(f"garbage: {name}", token, error)


def server_tokens() -> None:
    def check(name: str, token: str, expect, **more) -> None:
        vector(f"server: {name}", token, expect, "server", **more)

    def server(kid: str = "srv-1", typ: str = "srv+jwt", **changes) -> str:
        return issue(server_claims(**changes), kid, typ)

    check("HS256", server(), {"app": 1001, "key": "srv-1", "issued": NOW - 10, "expires": NOW + 50})
    check("EdDSA", server("srv-ed"), {"app": 1001, "key": "srv-ed"})
    check("sub means nothing", server(sub="any/thing"), {"app": 1001})
    check("scope", server(scope="calls:read"), {"scope": "calls:read"})
    check("5 minutes", server(exp=NOW + 290), {"expires": NOW + 290})
    check("5 minutes and a second", server(exp=NOW + 291), "LifetimeTooLong")
    check("59 s after exp", server(), {}, now=NOW + 109)
    check("60 s after exp", server(), "Expired", now=NOW + 110)
    check("user token", issue(user_claims()), "WrongType")
    check("user key", server("hs-1"), "WrongPurpose")
    check("disabled key", server("srv-off"), "KeyNotInForce")
    check("wrong aud", server(aud="call"), "WrongAudience")
    check("wrong iss", server(iss="1002"), "WrongIssuer")
    check("token04", token04(), "Malformed")
    for name, iat, expect in [("before", NOW - 1801, "Revoked"), ("at the time", NOW - 1800, {"app": 1002})]:
        token = server("srv-2", iss="1002", iat=iat, exp=NOW - 1700)
        check(f"app revoked, issued {name}", token, expect, now=NOW - 1790)


def tokens_04() -> None:
    good = token04()

    def check(name: str, token: str, expect, app: int = 1001, user: str = "alice", now: float = NOW) -> None:
        vector(f"token04: {name}", token, expect, "login", now=now, app=app, user=user)

    check("good", good, {"app": 1001, "user": "alice", "issued": NOW - 60, "expires": NOW + HOUR, "key": None})
    check("with payload", token04(payload='{"room_id":"r","privilege":{"1":1,"2":0},"stream_id_list":null}'), {})
    check("24 days", token04(expire=NOW - 60 + 24 * DAY), {"expires": NOW - 60 + 24 * DAY})
    check("24 days and a second", token04(expire=NOW - 60 + 24 * DAY + 1), "LifetimeTooLong")
    check("30 s left", good, {}, now=NOW + HOUR - 30)
    check("29 s left", good, "ExpiresTooSoon", now=NOW + HOUR - 29)
    check("a millisecond left", good, "ExpiresTooSoon", now=NOW + HOUR - 0.001)
    check("expired", good, "Expired", now=NOW + HOUR)
    check("inner expired, outer not", token04(expire=NOW - 1, outer_expire=NOW + HOUR), "NotAuthentic")
    check("outer expired, inner not", token04(outer_expire=NOW - 1), "NotAuthentic")
    check("outer negative", token04(outer_expire=-1), "NotAuthentic")
    check("issued 60 s ahead", token04(ctime=NOW + 60), {})
    check("issued 61 s ahead", token04(ctime=NOW + 61), "NotYetValid")
    check("ends before it begins", token04(ctime=NOW, expire=NOW - 1), "Malformed")
    check("wrong user", good, "WrongUser", user="bob")
    check("app id of another app inside", token04(app_id=1003), "WrongIssuer")
    check("other app's secret", token04(key_app=1003), "NotAuthentic")
    check("token of one app, login to another", good, "NotAuthentic", app=1003)
    check("app has not enabled it", good, "Token04Disabled", app=1002)
    check("unknown app", good, "UnknownKey", app=9999)
    check("revoked user", token04(user_id="mallory", ctime=NOW - 601), "Revoked", user="mallory")
    check("version 03", "03" + good[2:], "WrongVersion")
    check("no version", good[2:], "WrongVersion")
    check("30 characters", good[:30], "Malformed")
    check("30 characters without version", good[2:32], "Malformed")
    check("31 characters without version", good[2:33], "WrongVersion")
    check("no ciphertext", seal04(b""), "Malformed")
    check("other length of the ciphertext", flipped(good, 27), "Malformed")
    check("half a block of ciphertext", envelope(bytes(16), bytes(24)), "Malformed")
    check("no IV", envelope(b"", bytes(32)), "Malformed")
    check("not base64", "04" + "?" * 80, "Malformed")
    check("cut", good[:-4], "Malformed")
    check("no user inside", token04(user_id=GONE), "NotAuthentic")
    check("app id is a text", token04(app_id="1001"), "NotAuthentic")
    check("plain text is an array", token04(plain=json.dumps([1001, "alice", NOW, NOW + HOUR]).encode()), "NotAuthentic")
    check("plain text is empty", token04(plain=b""), "NotAuthentic")
    check("padding of zeros", seal04(b'{"app_id":1001' + bytes(2)), "NotAuthentic")
    spaces = json.dumps({"app_id": 1001, "user_id": "alice", "ctime": NOW - 60, "expire": NOW + HOUR}).encode()
    check("right claims, wrong padding", seal04(spaces.ljust(-(-len(spaces) // 16) * 16)), "NotAuthentic")
    check("other length of the IV", flipped(good, 9), "Malformed")
    check("tampered IV", flipped(good, 10), "NotAuthentic")
    check("tampered ciphertext", flipped(good, 40), "NotAuthentic")
    check("tampered padding", flipped(good, len(base64.b64decode(good[2:])) - 17), "NotAuthentic")
    check("more than 8 KiB", token04(payload="p" * 8192), "TooLarge")
    check("JWT of the same user", issue(user_claims()), {"user": "alice", "key": "hs-1"})
    check("JWT of another user", issue(user_claims()), "WrongUser", user="bob")
    check("JWT of another app", issue(user_claims()), "WrongIssuer", app=1002)


def main() -> None:
    for group in (good_user_tokens, edges_of_time, forged_headers, wrong_claims, garbage, server_tokens, tokens_04):
        group()
    names = [each["name"] for each in VECTORS]
    assert len(set(names)) == len(names), "names are unique"
    text = json.dumps({"apps": APPS, "vectors": VECTORS}, ensure_ascii=False, indent=1)
    pathlib.Path(__file__).with_name("vectors.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
