"""One thing that a check has to say about a config."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal['error', 'warning', 'note']


@dataclass(frozen=True)
class Finding:
    """A fault or a doubt.

    Attributes:
        severity: ``error`` for what makes the training pointless or other than meant,
            ``warning`` for what probably does, ``note`` for what is worth knowing.
        check: Name of the check.
        what: What the config says, with the place.
        why: What follows from it.
        instead: What to write.
    """

    severity: Severity
    check: str
    what: str
    why: str
    instead: str

    def __str__(self) -> str:
        return (
            f'{self.severity:7} {self.check}: {self.what}; {self.why}; '
            f'write instead: {self.instead}'
        )
