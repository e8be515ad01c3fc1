"""Reads text with RapidOCR's trained models, for real pictures (optional).

The text heads of this package learn from what they are shown; who needs to read any
sign today takes this reader in their place. It gives what they give: quads in the
order of reading and the words in them.
"""

from typing import Any, NamedTuple

import numpy as np

MIN_SCORE = 0.5


class ReadText(NamedTuple):
    """Words of one image.

    Attributes:
        quads: (K, 4, 2) float32 pixels: top left, top right, bottom right, bottom
            left as one reads them.
        texts: K words or lines.
        scores: (K,) float32 in [0, 1].
    """

    quads: np.ndarray
    texts: list[str]
    scores: np.ndarray


class RapidOcrReader:
    """``RapidOCR`` behind the interface of the text heads.

    Args:
        min_score: Texts read with less confidence are left out.
        params: Settings of ``rapidocr.RapidOCR``, such as the language.

    Raises:
        ImportError: If ``rapidocr`` is not installed.
    """

    def __init__(
        self, min_score: float = MIN_SCORE, params: dict[str, Any] | None = None
    ) -> None:
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise ImportError(
                'RapidOcrReader needs rapidocr: install the extra "ocr" '
                '(pip install "maxsight_mm[ocr]")'
            ) from error
        self.min_score = min_score
        self._engine = RapidOCR(params=params)

    def __call__(self, image: np.ndarray) -> ReadText:
        """Texts of an image (H, W, 3) uint8 BGR.

        Raises:
            ValueError: If the image has another shape or type.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(
                f'image must be (H, W, 3) uint8, got {image.shape} {image.dtype}'
            )
        # RapidOCR names the answer of each of its stages; here it is always the last.
        answer: Any = self._engine(image)
        # RapidOCR gives None where it finds nothing.
        boxes = () if answer.boxes is None else answer.boxes
        quads = np.asarray(boxes, np.float32).reshape(-1, 4, 2)
        texts = list(answer.txts or ())
        scores = np.asarray(answer.scores or (), np.float32)
        kept = scores >= self.min_score
        words = [text for text, keep in zip(texts, kept, strict=True) if keep]
        return ReadText(quads[kept], words, scores[kept])
