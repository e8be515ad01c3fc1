"""The way of a picture to its answer, the same for PyTorch and every runtime."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maxsight_mm.datasets.image_dirs import IMAGE_SUFFIXES
from maxsight_mm.datasets.safe_image import InvalidImageError, decode_bgr

from .image_preparation import ImagePreparation, PreparedImage
from .network_answer import NetworkAnswer
from .safety_answer import SafetyAnswer

Picture = str | Path | np.ndarray | None


class SafetyRunner(ABC):
    """Pictures in, a :class:`SafetyAnswer` each out.

    Args:
        preparation: What is done to a picture.
        classes: Class names in label order.
        test_cfg: Settings of ``DetectionDecoder`` in effect.
        min_safe_scores: Score that *safe* must reach, of ``urgency`` and
            ``object_urgency``.
        strict: Raise where an answer would be unavailable.
    """

    def __init__(
        self,
        preparation: ImagePreparation,
        classes: Sequence[str],
        test_cfg: Mapping[str, Any],
        min_safe_scores: Mapping[str, float],
        strict: bool = False,
    ) -> None:
        self.preparation = preparation
        self.classes = tuple(classes)
        self.test_cfg = dict(test_cfg)
        self.min_safe_scores = dict(min_safe_scores)
        self.strict = strict

    def __call__(self, inputs: Picture | Sequence[Picture]) -> list[SafetyAnswer]:
        """Answers in the order of the pictures, a folder's by name.

        Args:
            inputs: Path of a picture, a folder of them, an (H, W, 3) uint8 BGR
                array, or a list of these. ``None`` is what a camera gives that has
                nothing.

        Raises:
            ValueError: If a folder holds no picture; in strict mode also if a
                picture cannot be read or answered.
            TypeError: If an input is none of these.
        """
        return list(self.stream(inputs))

    def stream(self, inputs: Picture | Sequence[Picture]) -> Iterator[SafetyAnswer]:
        """The same, one after the other."""
        for index, item in enumerate(_pictures(inputs)):
            source = str(item) if isinstance(item, str | Path) else f'image {index}'
            start = time.perf_counter()
            try:
                picture = read_picture(item, source)
                start = time.perf_counter()
                prepared = self.preparation(picture, source)
                found = self.infer(prepared, source)
                answer = found.in_picture(
                    source, prepared, self.classes, _passed_ms(start)
                )
            except (InvalidImageError, FloatingPointError) as error:
                answer = SafetyAnswer.unavailable(source, str(error), _passed_ms(start))
            if self.strict and not answer.is_available:
                raise ValueError(answer.error)
            yield answer

    @abstractmethod
    def infer(self, prepared: PreparedImage, source: str) -> NetworkAnswer:
        """The answer for one input; ``source`` is for messages.

        Raises:
            FloatingPointError: If it holds numbers that are not finite.
        """


def _passed_ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _pictures(inputs: Picture | Sequence[Picture]) -> Sequence[Picture]:
    if isinstance(inputs, str | Path) and Path(inputs).is_dir():
        paths = sorted(Path(inputs).iterdir())
        found = [p for p in paths if p.name.lower().endswith(IMAGE_SUFFIXES)]
        if not found:
            raise ValueError(f'{inputs}: no picture ({", ".join(IMAGE_SUFFIXES)})')
        return found
    if inputs is None or isinstance(inputs, str | Path | np.ndarray):
        return [inputs]
    return inputs


def read_picture(item: Picture, source: str) -> np.ndarray:
    """(H, W, 3) uint8 BGR of a path or an array.

    Raises:
        InvalidImageError: If there is no such picture in it.
    """
    if item is None:
        raise InvalidImageError(f'{source}: there is no picture')
    if isinstance(item, str | Path):
        try:
            data = Path(item).read_bytes()
        except OSError as error:
            reason = error.strerror or error
            raise InvalidImageError(f'{source}: cannot be read: {reason}') from None
        return decode_bgr(data, source)
    if not isinstance(item, np.ndarray):
        raise TypeError(f'a picture is a path or an array, got {type(item).__name__}')
    if item.ndim != 3 or item.shape[2] != 3 or item.dtype != np.uint8 or not item.size:
        raise InvalidImageError(
            f'{source}: expected an (H, W, 3) uint8 BGR array, got {item.dtype} '
            f'{item.shape}'
        )
    return item
