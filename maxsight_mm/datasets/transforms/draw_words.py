"""Draws words into photographs, for sets with too few to learn letters from.

After SynthText (arXiv 1604.06646): drawn words on real pictures teach reading that
carries over to photographed ones. Departure: words are laid at random, not along
surfaces, since neither depth nor segments of the picture are known.
"""

import string

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ...taxonomy.vocabulary import VOCABULARY
from .moved_texts import moved_texts, text_move

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
_WORDS = tuple(word for word in VOCABULARY.words if word.isalpha() and len(word) > 2)
_SIGNS = np.array(list(string.ascii_letters + string.digits))
_SIGNS_SHARE = 0.4
# Annotators leave a border around the letters, in heights of them.
_BORDER = 0.1
_PLATE_SHARE = 0.5


@TRANSFORMS.register_module()
class DrawWords(BaseTransform):
    """Adds words to ``img`` and to ``gt_tasks['texts']``; stands after the resize.

    A word is of the vocabulary of captions, or of letters and digits at random; its
    font, size, tilt, colour and, in half of the cases, the plate behind it vary. It
    covers no other text; where it finds no place it is left out. Samples whose
    texts are unlabelled pass unchanged, since the drawn ones would then be the only
    ones said to be there.

    Args:
        count: Least and most words to draw.
        height_px: Least and greatest height of the letters.
        prob: Share of the images that are changed.

    Raises:
        ValueError: If an option is out of range.
    """

    def __init__(
        self,
        count: tuple[int, int] = (1, 4),
        height_px: tuple[float, float] = (10.0, 32.0),
        prob: float = 1.0,
    ) -> None:
        if not (0 <= count[0] <= count[1] and 1 <= height_px[0] <= height_px[1]):
            raise ValueError(
                'count must be 0 <= least <= most and height_px 1 <= least <= most, '
                f'got {count!r} and {height_px!r}'
            )
        if not 0 <= prob <= 1:
            raise ValueError(f'prob must lie in [0, 1], got {prob!r}')
        self.count, self.height_px, self.prob = count, height_px, prob

    def transform(self, results: dict) -> dict:
        """Changes ``img`` and ``gt_tasks``."""
        texts = results.get('gt_tasks', {}).get('texts')
        if texts is None or np.random.rand() >= self.prob:
            return results
        shown = [text['quad'] for text in moved_texts(texts, results)]
        taken = [np.array(quad, np.float64) for quad in shown]
        move = text_move(results)
        back = np.eye(3) if move is None else np.linalg.inv(move)
        image, drawn = results['img'].copy(), []
        for _ in range(np.random.randint(self.count[0], self.count[1] + 1)):
            word, letters = _word()
            quad = self._quad(letters.shape, image.shape)
            if quad is None or any(_touch(quad, other) for other in taken):
                continue
            taken.append(quad)
            _draw(image, letters, quad)
            # Stored as the annotated ones are, before the moves of the image.
            stored = np.c_[quad, np.ones(4)] @ back.T
            stored = stored[:, :2] / stored[:, 2:]
            drawn.append({'text': word, 'quad': stored.tolist()})
        results['img'] = image
        results['gt_tasks'] = {**results['gt_tasks'], 'texts': [*texts, *drawn]}
        return results

    def _quad(self, letters: tuple[int, ...], image: tuple[int, ...]):
        """(4, 2) float64 corners with the border, in the image; None if too long."""
        height = np.random.uniform(*self.height_px)
        width = height * letters[1] / letters[0] * np.random.uniform(0.7, 1.1)
        half = np.array([width, height]) / 2 + _BORDER * height
        corners = half * [[-1, -1], [1, -1], [1, 1], [-1, 1]]
        tilt = np.radians(np.random.normal(0, 5))
        turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
        corners = corners @ turn + np.random.normal(0, 0.04 * height, (4, 2))
        room = np.array(image[1::-1]) - np.ptp(corners, axis=0)
        if room.min() <= 0:
            return None
        return corners - corners.min(0) + np.random.rand(2) * room

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(count={self.count}, height_px={self.height_px}, '
            f'prob={self.prob})'
        )


def _word() -> tuple[str, np.ndarray]:
    """A word and the (h, w) uint8 coverage of its letters, without margins."""
    if np.random.rand() < _SIGNS_SHARE:
        word = ''.join(np.random.choice(_SIGNS, np.random.randint(2, 8)))
    else:
        word = _WORDS[np.random.randint(len(_WORDS))]
        word = (word, word.upper(), word.capitalize())[np.random.randint(3)]
    font, weight = _FONTS[np.random.randint(len(_FONTS))], np.random.randint(2, 5)
    (width, height), base = cv2.getTextSize(word, font, 1.5, weight)
    board = np.zeros((height + base + 12, width + 12), np.uint8)
    cv2.putText(board, word, (6, height + 6), font, 1.5, 255, weight, cv2.LINE_AA)
    rows, columns = np.flatnonzero(board.any(1)), np.flatnonzero(board.any(0))
    return word, board[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _draw(image: np.ndarray, letters: np.ndarray, quad: np.ndarray) -> None:
    """Paints letters, and perhaps a plate behind them, into (H, W, 3) in place."""
    low = np.maximum(np.floor(quad.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(quad.max(0)).astype(int), image.shape[1::-1])
    patch = image[low[1] : high[1], low[0] : high[0]]
    if np.random.rand() < _PLATE_SHARE:
        plate = np.random.randint(0, 256, 3)
        area = np.zeros(patch.shape[:2], np.uint8)
        cv2.fillPoly(area, [np.rint(quad - low).astype(np.int32)], 255)
        _blend(patch, area, plate)
    ink = np.random.randint(0, 256, 3).astype(np.float64)
    behind = patch.reshape(-1, 3).mean(0)
    if abs(ink.mean() - behind.mean()) < 60:
        ink[:] = 20 if behind.mean() > 127 else 235
    margin = round(_BORDER * letters.shape[0])
    board = cv2.blur(np.pad(letters, margin), (3, 3))
    height, width = board.shape
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(flat, (quad - low).astype(np.float32))
    size = (patch.shape[1], patch.shape[0])
    cover = cv2.warpPerspective(board, warp, size, flags=cv2.INTER_AREA)
    _blend(patch, cover, ink)


def _blend(patch: np.ndarray, cover: np.ndarray, colour: np.ndarray) -> None:
    share = cover[..., None] / 255 * np.random.uniform(0.7, 1.0)
    patch[:] = patch + share * (colour - patch.astype(np.float64))


def _touch(quad: np.ndarray, other: np.ndarray) -> bool:
    """Whether the upright boxes of two quads overlap."""
    apart = (quad.max(0) < other.min(0)) | (other.max(0) < quad.min(0))
    return not apart.any()
