"""Base64 (RFC 4648, section 4) with one text for each sequence of bytes and no other."""

from binascii import a2b_base64, b2a_base64


def encode(data: bytes) -> str:
    """The text of the bytes, with padding and without a line end."""
    return b2a_base64(data, newline=False).decode()


def decode(text: str) -> bytes:
    """The bytes of the text; raises ValueError unless `encode` gives exactly this text.

    So white space, missing padding and set bits under the padding, which other decoders let pass,
    are refused: a text that is signed or compared must not have a second form.
    """
    data = a2b_base64(text)
    if encode(data) != text:
        raise ValueError(f"Not canonical base64: {text[:60]!r}")
    return data
