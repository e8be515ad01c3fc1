"""Tells files apart by what they hold."""

import hashlib
from pathlib import Path


def file_sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def file_mark(path: str | Path) -> str:
    """The first 12 digits of it, the mark of weights in predictions and decisions."""
    return file_sha256(path)[:12]
