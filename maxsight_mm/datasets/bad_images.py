"""Training goes on without a few broken pictures, and stops where they are many."""

import logging
from typing import Any

import torch
from mmengine.logging import print_log

from .coco_json import DatasetError
from .safe_audio import InvalidAudioError
from .safe_image import InvalidImageError


class SkipsBadImages:
    """Mixin for data sets of mmengine: undecodable files are counted and replaced.

    The data set has ``max_bad_images``, the share that may be unusable in training,
    and ``source``, what messages name. The worker processes of one loader count
    together; of several ranks each counts the images that it meets.
    """

    max_bad_images: float
    test_mode: bool
    _bad_images: torch.Tensor = torch.zeros(0, dtype=torch.bool)

    @property
    def source(self) -> str:
        """What messages name."""
        raise NotImplementedError

    def full_init(self) -> None:
        """Loads the annotations, and makes the tally that all workers share."""
        super().full_init()  # type: ignore[misc]
        if len(self._bad_images) != len(self):  # type: ignore[arg-type]
            tally = torch.zeros(len(self), dtype=torch.bool)  # type: ignore[arg-type]
            self._bad_images = tally.share_memory_()

    def prepare_data(self, idx: int) -> Any:
        """Runs the pipeline; in training an undecodable image or sound gives None.

        MMEngine then draws another image in its place.

        Raises:
            InvalidImageError: If the image, one of its maps or a frame before it
                cannot be decoded, in testing.
            InvalidAudioError: If its sound cannot be, in testing.
            DatasetError: If more than ``max_bad_images`` of them cannot.
        """
        try:
            return super().prepare_data(idx)  # type: ignore[misc]
        except (InvalidImageError, InvalidAudioError) as error:
            if self.test_mode:
                raise
            known = bool(self._bad_images[idx])
            self._bad_images[idx] = True
            count, total = int(self._bad_images.sum()), len(self._bad_images)
            if not known:
                self._log(f'skipped {error} ({count} so far)')
            if count > self.max_bad_images * total:
                raise DatasetError(
                    f'{self.source}: {count} of {total} images are unusable, more than '
                    f'max_bad_images={self.max_bad_images}; the last: {error}'
                ) from error
            return None

    def _log(self, message: str) -> None:
        print_log(f'{self.source}: {message}', 'current', logging.WARNING)
