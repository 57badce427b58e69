"""JSON as text that SQS accepts."""


def queue_text(encoded: bytes) -> str:
    """Return JSON as a message body, in characters that SQS accepts.

    SQS refuses U+FFFE and U+FFFF (it allows what XML 1.0 allows); JSON can escape them, and its
    encoder has escaped the control characters already.
    """
    if b"\xef\xbf" in encoded:
        encoded = encoded.replace(b"\xef\xbf\xbe", b"\\ufffe").replace(b"\xef\xbf\xbf", b"\\uffff")
    return encoded.decode()
