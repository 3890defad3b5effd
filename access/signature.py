"""Who wrote a record, on a way in that must carry no secret: a signature made with the API key.

The writer names itself in the header `samspil_principal` and puts into `samspil_signature` the lower-case hexadecimal
HMAC-SHA-256 (RFC 2104) of what the record says. The secret is the SHA-256 of its API key, which the hub keeps anyway;
so the key never stands on a topic. Signed is everything that decides what the record means, each part written as its
length in bytes, a colon, and itself:

    samspil-record-1
    for each header that is `content-type`, `samspil_principal` or begins with `ce_`, by name: the name, the value
    the record's value

A record that somebody copies is the same event again, and accept knows it as a duplicate. Whoever reads the hub's table
of principals can sign: the worker's role, which may write the event store anyway, and whoever gets hold of a backup.
"""

import hmac
from collections.abc import Collection, Mapping
from hashlib import sha256

from sqlalchemy import Connection

from kernel.errors import Unauthenticated

from .principals import Keyholder, Principal, key_hash, keyholders
from .tables import PRINCIPAL

PRINCIPAL_HEADER, SIGNATURE_HEADER = "samspil_principal", "samspil_signature"
_VERSION = b"samspil-record-1"
_HINT = f"name the writer in {PRINCIPAL_HEADER} and sign the record with its API key in {SIGNATURE_HEADER}"


def signed_headers(principal: str, key: str, headers: Mapping[str, bytes], value: bytes) -> dict[str, bytes]:
    """`headers` with the writer's name and signature beside them."""
    named = {**headers, PRINCIPAL_HEADER: principal.encode()}
    return named | {SIGNATURE_HEADER: signature(key_hash(key), named, value).encode()}


def signature(secret: bytes, headers: Mapping[str, bytes], value: bytes) -> str:
    """What stands in `samspil_signature`; `secret` is the SHA-256 of the API key."""
    parts = [_VERSION]
    for name in sorted(headers):
        if name in ("content-type", PRINCIPAL_HEADER) or name.startswith("ce_"):
            parts += [name.encode(), headers[name]]
    written = b"".join(b"%d:%b" % (len(part), part) for part in (*parts, value))
    return hmac.new(secret, written, sha256).hexdigest()


def writer_of(headers: Mapping[str, bytes]) -> str | None:
    """The name of the principal that says it wrote the record; None when no principal can have that name."""
    name = headers.get(PRINCIPAL_HEADER, b"").decode(errors="replace")
    return name if name.isprintable() and name else None


def writers(connection: Connection, names: Collection[str]) -> dict[str, Keyholder]:
    """Those of the named principals whose key is in use, by name; one query for all."""
    if not names:
        return {}
    return {found.principal.name: found for found in keyholders(connection, PRINCIPAL.c.name.in_(names))}


def signer_of(headers: Mapping[str, bytes], value: bytes, known: Mapping[str, Keyholder]) -> Principal:
    """The principal that signed the record. Raises Unauthenticated."""
    name = writer_of(headers)
    if name is None or SIGNATURE_HEADER not in headers:
        raise Unauthenticated("the record is not signed", hint=_HINT)
    holder = known.get(name)
    if holder is None or not hmac.compare_digest(
        headers[SIGNATURE_HEADER], signature(holder.key_hash, headers, value).encode()
    ):
        raise Unauthenticated("the signature is not that of a known principal", hint=_HINT)
    return holder.principal
