"""ICDAR 2015 incidental scene text (challenge 4): words with their four corners.

Expects ``*_images/img_1.jpg`` beside folders with ``gt_img_1.txt``, whose lines are
``x1,y1,...,x4,y4,word``, ``###`` for a word that cannot be read.
"""

import re
import shutil
from pathlib import Path

import numpy as np

from .coco_set import CocoSet, SourceError, found, read_picture, split_of

_UNREADABLE = '###'


def convert_icdar2015(source: Path, out: Path) -> str:
    """Texts with quads; every fifth image by name is held out.

    A word is an object of class 'text' and an entry of ``tasks.texts``. One that
    cannot be read is an ignored region there and ``illegible`` here, with no text.
    """
    data = CocoSet(out, 'ICDAR 2015 incidental text; every 5th held out', ['text'])
    for index, truth in enumerate(found(source, '*/gt_img_*.txt')):
        picture = _picture_of(truth)
        pixels = read_picture(picture)
        split = split_of(index)
        name = f'images/{picture.parent.name}/{picture.name}'
        shutil.copyfile(picture, data.path(name))
        words = _words(truth)
        texts: list[dict] = [_text(quad, word) for quad, word in words]
        image = data.add_image(split, name, pixels.shape[:2], {'texts': texts})
        for quad, word in words:
            box = _box(quad, *pixels.shape[:2])
            if box[2] <= 0 or box[3] <= 0:
                continue
            label = {'iscrowd': 1} if word == _UNREADABLE else {'text': word}
            data.add_object(split, image, box, **label)
    return data.write()


def _picture_of(truth: Path) -> Path:
    """The image of the same number in the folder of the same part."""
    part = 'train' if 'train' in truth.parent.name.lower() else 'test'
    name = truth.name.removeprefix('gt_').replace('.txt', '.jpg')
    for folder in sorted(truth.parents[1].glob('*images*')):
        if part in folder.name.lower() and (folder / name).is_file():
            return folder / name
    raise SourceError(f'{truth}: no {part} image {name} beside it')


def _words(truth: Path) -> list[tuple[np.ndarray, str]]:
    """Corners (4, 2) in pixels and the word of each line."""
    words = []
    for number, line in enumerate(truth.read_text('utf-8-sig').splitlines(), 1):
        match = re.match(r'((?:-?\d+,){8})(.*)', line.strip())
        if match is None:
            raise SourceError(f'{truth}: line {number}: not x1,y1,...,x4,y4,word')
        corners = np.array(match[1].split(',')[:8], float).reshape(4, 2)
        words.append((corners, match[2]))
    return words


def _text(quad: np.ndarray, word: str) -> dict:
    if word == _UNREADABLE:
        return {'text': '', 'quad': quad.tolist(), 'illegible': True}
    return {'text': word, 'quad': quad.tolist()}


def _box(quad: np.ndarray, height: int, width: int) -> list[float]:
    """Extent of the corners inside the image: x, y, width, height."""
    low = np.clip(quad.min(0), 0, (width, height))
    high = np.clip(quad.max(0), 0, (width, height))
    return [*low.tolist(), *(high - low).tolist()]
