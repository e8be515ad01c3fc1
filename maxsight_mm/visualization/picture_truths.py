"""What is truly on a test picture, in one line for readers who cannot see it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..taxonomy import URGENCIES
from .run_summary import dumped_config

_HAZARD_LEVEL = URGENCIES.index('warning')
_NAMED = 4


def picture_truths(work_dir: Path) -> dict[str, str]:
    """File stem -> labels in words; empty where the annotations are not there.

    Names the urgency of the image and the hazardous objects in it, and counts the
    others.
    """
    config = dumped_config(work_dir)
    source = config.get('test_dataloader', {}).get('dataset', {})
    path = Path(source.get('data_root') or '', source.get('ann_file') or '')
    if not path.is_file():
        return {}
    data = json.loads(path.read_text(encoding='utf-8'))
    names = {category['id']: category['name'] for category in data['categories']}
    objects: dict[int, list[Mapping[str, Any]]] = {}
    for annotation in data['annotations']:
        objects.setdefault(annotation['image_id'], []).append(annotation)
    return {
        Path(image['file_name']).stem: _in_words(
            image.get('tasks', {}).get('urgency'), objects.get(image['id'], []), names
        )
        for image in data['images']
    }


def _in_words(
    urgency: int | None,
    annotations: Sequence[Mapping[str, Any]],
    names: Mapping[int, str],
) -> str:
    hazards = Counter(
        (-annotation['urgency'], names[annotation['category_id']])
        for annotation in annotations
        if annotation.get('urgency', -1) >= _HAZARD_LEVEL
    )
    named = sorted(hazards)[:_NAMED]
    parts = [] if urgency is None else [f'image {URGENCIES[urgency]}']
    parts += [
        f'{name} {URGENCIES[-level]}{_times(hazards[level, name])}'
        for level, name in named
    ]
    others = len(annotations) - sum(hazards[key] for key in named)
    if others:
        parts.append(f'{others} other {"object" if others == 1 else "objects"}')
    return ', '.join(parts)


def _times(count: int) -> str:
    return f' ({count} times)' if count > 1 else ''
