"""Webhooks: events of drops, signed and sent to the addresses that asked for them.

Headers, signatures and the waits between attempts are those of Standard Webhooks 1.0.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). An
event is delivered at least once: `webhook-id` stays the same, so that a receiver can tell.
"""
