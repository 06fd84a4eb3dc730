"""A portal that sends the same drop many times at once.

A module of its own with few imports: each process of a race imports it anew.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx


def post_at_once(
    address: str, key: str, document: Mapping[str, Any], requests: int
) -> list[tuple[int, str]]:
    """What as many requests at once, all under one idempotency key, were answered."""
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "the-same"}

    def send(client: httpx.Client) -> tuple[int, str]:
        answer = client.post(address, json=dict(document), headers=headers)
        return answer.status_code, answer.text

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(requests) as threads:
        return list(threads.map(send, [client] * requests))
