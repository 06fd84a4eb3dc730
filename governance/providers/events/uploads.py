"""Uploads of a line a record, taken as they come: batches of lines, each for one transaction."""

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect

from governance.problems import MalformedBody
from governance.providers.events.lines import Batch, Line, Splitter, TooLong


async def batches_of(request: Request) -> AsyncIterator[list[Line | TooLong]]:
    """The lines of a request's body, in batches; the last one may be small.

    Raises MalformedBody where the connection breaks: what was given before stays good.
    """
    splitter, batch = Splitter(), Batch()
    try:
        async for piece in request.stream():
            for line in splitter.feed(piece):
                if batch.add(line):
                    yield batch.taken()
    except ClientDisconnect:
        raise MalformedBody("The connection broke; send all of it again") from None
    for line in splitter.end():
        batch.add(line)
    if rest := batch.taken():
        yield rest
