"""Who calls over HTTP: the API key in the header `Authorization: Bearer samspil_...`.

Nothing is remembered between calls: an agreement that ends, or a key that is withdrawn, counts from the next call on.
"""

from sqlalchemy.exc import TimeoutError as NoFreeConnection

from kernel.errors import Retryable, Unauthenticated
from storage.database import Database

from .principals import KEY_PREFIX, Principal, authenticate

HINT = f"send it as `Authorization: Bearer {KEY_PREFIX}...`; `samspil access key add` makes one"


def principal_of(database: Database, authorization: str | None) -> Principal:
    """The principal whose key the header's value carries, with what it may; one query, outside any transaction.

    Raises Unauthenticated for no key or an unknown one, Retryable when the database is away or too busy.
    """
    scheme, _, key = (authorization or "").strip().partition(" ")
    if not authorization:
        raise Unauthenticated("no API key came with the request", hint=HINT)
    if scheme.lower() != "bearer" or not key.strip().startswith(KEY_PREFIX):
        raise Unauthenticated("what came in the header Authorization is no API key", hint=HINT)
    try:
        with database.glance() as connection:
            return authenticate(connection, key.strip())
    except NoFreeConnection as error:
        raise Retryable("every connection to the database is busy", hint="send it again in a moment") from error
