"""A card for a data set: what it holds, and who agreed to be in it.

After Datasheets for Datasets (Gebru et al., arXiv 1803.09010), cut to what an auditor
of pictures of people asks first. What nobody stated is said to be not stated.
"""

from collections.abc import Mapping
from typing import Any

FIELDS = {
    'title': 'Title',
    'purpose': 'What it was collected for',
    'recorded': 'Who or what was recorded',
    'consent': 'How consent was given',
    'withdrawal': 'Contact for withdrawing consent',
    'staged': 'Staged or natural',
    'places': 'Where and when',
    'licence': 'Licence',
    'retention': 'How long it is kept',
    'annotation': 'Who labelled it, and how it was checked',
}


def data_card(stated: Mapping[str, Any], facts: Mapping[str, str]) -> str:
    """The card as Markdown.

    Args:
        stated: What the owner states, by the keys of ``FIELDS``.
        facts: What the audit found, by heading.

    Raises:
        ValueError: If a key is none of the fields, or a value no text.
    """
    for key, value in stated.items():
        if key not in FIELDS:
            raise ValueError(
                f'data card: no field {key!r}; there are {", ".join(FIELDS)}'
            )
        if not isinstance(value, str):
            raise ValueError(f'data card: {key} must be text, got {value!r}')
    lines = [f'# {stated.get("title") or "Data card"}', '']
    missing = []
    for key, heading in FIELDS.items():
        if key == 'title':
            continue
        value = stated.get(key, '').strip()
        if not value:
            missing.append(heading)
        lines += [f'**{heading}:** {value or "not stated"}', '']
    lines += ['## What was counted', '']
    for heading, value in facts.items():
        lines += [f'* {heading}: {value}']
    if missing:
        lines += ['', '## Open', '', *(f'* {heading}' for heading in missing)]
    return '\n'.join(lines) + '\n'
