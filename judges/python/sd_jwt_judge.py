"""PyPI `sd-jwt` as issuer, holder and verifier, for `crates/formats/src/sd_jwt/judge.rs`.

One JSON object a line comes in on stdin, one goes out on stdout: `{"ok": true, ...}` or `{"ok": false, "error": ...}`.
"""

import base64
import hashlib
import json
import sys
import time
import zlib

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

HASHES = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}


def with_hash(role, name):
    """The library knows one hash, as an attribute of its classes."""
    return type(role.__name__, (role,), {"HASH_ALG": {"name": name, "fn": HASHES[name]}})


def key(value):
    return JWK.from_json(json.dumps(value)) if value else None


def marked(value, paths):
    """`value` with the parts at `paths` as the library wants to be told of them: wrapped names and elements."""
    if isinstance(value, dict):
        out = {}
        for name, inner in value.items():
            here = [path[1:] for path in paths if path[0] == name]
            deeper = marked(inner, [path for path in here if path])
            out[SDObj(name) if [] in here else name] = deeper
        return out
    if isinstance(value, list):
        out = []
        for place, inner in enumerate(value):
            here = [path[1:] for path in paths if path[0] is None or path[0] == place and not isinstance(path[0], str)]
            deeper = marked(inner, [path for path in here if path])
            out.append(SDObj(deeper) if [] in here else deeper)
        return out
    return value


def verify(task):
    verifier = with_hash(SDJWTVerifier, task["hash"])(
        task["sd_jwt"],
        lambda _issuer, _header: key(task["key"]),
        task.get("aud"),
        task.get("nonce"),
    )
    return {"claims": verifier.get_verified_payload()}


def issue(task):
    issuer = with_hash(SDJWTIssuer, task["hash"])(
        marked(task["claims"], task["paths"]),
        key(task["key"]),
        holder_key=key(task.get("holder_key")),
        add_decoy_claims=task["decoys"],
        extra_header_parameters=task["header"],
    )
    return {"sd_jwt": issuer.sd_jwt_issuance}


def present(task):
    holder = with_hash(SDJWTHolder, task["hash"])(task["sd_jwt"])
    bound = (task["nonce"], task["aud"], key(task["holder_key"])) if "nonce" in task else ()
    holder.create_presentation(task["select"], *bound)
    return {"sd_jwt": holder.sd_jwt_presentation}


def lst_of(task):
    """draft-ietf-oauth-status-list-14, sections 4.1 and 4.2, by nothing but zlib."""
    bits, packed = task["bits"], bytearray(len(task["values"]) * task["bits"] // 8)
    for place, value in enumerate(task["values"]):
        packed[place * bits // 8] |= value << (place * bits % 8)
    lst = base64.urlsafe_b64encode(zlib.compress(bytes(packed), task["level"])).decode().rstrip("=")
    return {"lst": lst}


def values_of(task):
    bits, lst = task["bits"], task["lst"]
    packed = zlib.decompress(base64.urlsafe_b64decode(lst + "=" * (-len(lst) % 4)))
    per_byte, mask = 8 // bits, (1 << bits) - 1
    return {"values": [byte >> (place * bits) & mask for byte in packed for place in range(per_byte)]}


def now(_task):
    """The time that the library's holder writes into a key-binding JWT."""
    return {"now": int(time.time())}


DOES = {"now": now, "verify": verify, "issue": issue, "present": present, "lst_of": lst_of, "values_of": values_of}

for line in sys.stdin:
    task = json.loads(line)
    try:
        answer = {"ok": True, **DOES[task["do"]](task)}
    except Exception as error:  # whatever the library says no with
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
