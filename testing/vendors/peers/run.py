"""Independent programs against both ends of our pushes. Run by `cargo xtask push-peers`, which installs them.

    run.py <the example `peers` of offhook-push-line> <the folder in which node's packages are>
"""

import base64
import json
import os
import secrets
import subprocess
import sys
import time

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HERE = os.path.dirname(os.path.abspath(__file__))


def main(example, packages):
    with subprocess.Popen([example, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as servers:
        stage = servers.stdout.readline()
        check_node_apn(node(packages, "apns.cjs", stage))
        check_web_push(node(packages, "web.cjs", stage))
        servers.stdin.close()
        check_what_the_servers_got(json.loads(servers.stdout.readline()))
    check_ours(example)
    print("independent peers: all as expected")


def node(packages, script, stage):
    environment = {**os.environ, "NODE_PATH": packages}
    command = ["node", os.path.join(HERE, script)]
    done = subprocess.run(command, input=stage, stdout=subprocess.PIPE, text=True, env=environment, timeout=60)
    assert done.returncode == 0, f"{script} failed"
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer.pop("name"): answer for answer in answers}


def check_node_apn(answers):
    def refusal(status, reason, **more):
        return {"sent": 0, "refusal": {"status": status, "reason": reason, **more}}

    taken = {"sent": 1, "refusal": None}
    expect("@parse/node-apn", answers, {
        "taken": taken,
        "gone": refusal(410, "Unregistered", timestamp=1_600_000_000_000),
        "of another app": refusal(400, "DeviceTokenNotForTopic"),
        "too large": refusal(413, "PayloadTooLarge"),
        "of no topic of ours": refusal(400, "TopicDisallowed"),
        "a background push at once": refusal(400, "BadPriority"),
        "a notification": taken,
    })


def check_web_push(answers):
    expect("web-push", answers, {
        "first": {"status": 201, "errno": None},
        "in its place": {"status": 201, "errno": None},
        "beside it": {"status": 201, "errno": None},
        "kept too long": {"status": 400, "errno": 112},
        "to another key's": {"status": 403, "errno": 109},
        "gone": {"status": 410, "errno": 103},
    })


def check_what_the_servers_got(got):
    expect("what our servers got", got, {
        "apns": {"count": 7, "connections": 1, "violations": []},
        "web": {
            "stored": [
                {"plain": "stop", "topic": "call-1", "ttl": 60, "urgency": "high"},
                {"plain": "missed", "topic": "call-2", "ttl": 60, "urgency": "normal"},
            ],
            "violations": [],
        },
    })


def check_ours(example):
    """What we send, opened by http_ece and verified by PyJWT."""
    browser, secret = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
    point = browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": encoded(point), "auth": encoded(secret)}
    subscription = json.dumps({"endpoint": "https://push.example:8443/bob", "keys": keys})
    sealed = subprocess.run([example, "seal"], input=subscription, stdout=subprocess.PIPE, text=True, timeout=60)
    request = json.loads(sealed.stdout)
    headers = request["headers"]
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["ttl"] == "60" and headers["urgency"] == "high", headers
    opened = http_ece.decrypt(decoded(request["body"]), private_key=browser, auth_secret=secret, version="aes128gcm")
    message = json.loads(opened)
    assert message["offhook"]["kind"] == "ring" and message["title"] == "Alice", message
    scheme, _, parameters = headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in parameters.split(","))
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parts["k"]))
    claims = jwt.decode(parts["t"], sender, algorithms=["ES256"], audience="https://push.example:8443")
    assert scheme == "vapid" and claims["sub"] == "mailto:calls@example.com", claims
    assert time.time() < claims["exp"] <= time.time() + 86_400, claims
    print("ours: opened by http_ece, verified by PyJWT")


def expect(who, got, wanted):
    for name, value in wanted.items():
        assert got.get(name) == value, f"{who}: {name}: {got.get(name)} instead of {value}"
    assert len(got) == len(wanted), f"{who}: {sorted(got)}"
    print(f"{who}: {len(wanted)} as expected")


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    main(*sys.argv[1:])
