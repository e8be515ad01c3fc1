"""An image task classifier on pictures: logits by task, or why there are none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

from maxsight_mm.datasets.safe_image import InvalidImageError
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.models.classifiers import ImageTaskClassifier

from .image_preparation import PreparedImage, preparation_of_config
from .load_model import load_model
from .safety_runner import Picture, read_picture


@dataclass(frozen=True, eq=False)
class TaskAnswer:
    """Answer for one picture.

    Attributes:
        source: Its path, or ``image <n>``.
        logits: (K,) float32 by task, unactivated; empty where there is no answer.
        error: Why there is none.
    """

    source: str
    logits: dict[str, np.ndarray] = field(default_factory=dict)
    error: str | None = None


class TaskInferencer:
    """A config and a checkpoint, answering pictures in batches.

    Args:
        config: Config the checkpoint was trained with, or its file.
        checkpoint: The weights.
        device: ``cpu``, ``cuda``, ``cuda:1``, ...
        batch_size: Pictures that go through the network together.

    Raises:
        ValueError: If config, checkpoint or device cannot be used, or the model is no
            ``ImageTaskClassifier``.
    """

    def __init__(
        self,
        config: Config | str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        batch_size: int = 16,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f'batch_size must be at least 1, got {batch_size}')
        if not isinstance(config, Config):
            config = load_config(str(config))
        self.model = load_model(ImageTaskClassifier, config, checkpoint, device)
        self.device = torch.device(device)
        self.preparation = preparation_of_config(config)
        self.batch_size = batch_size
        tasks = config.test_dataloader.dataset.get('tasks') or {}
        self.tasks = {task: tuple(names) for task, names in tasks.items()}

    def __call__(self, pictures: Iterable[Picture]) -> Iterator[TaskAnswer]:
        """Answers in the order of the pictures.

        Args:
            pictures: Paths, or (H, W, 3) uint8 BGR arrays. What cannot be read is
                answered with its error and stops nothing.
        """
        numbered = enumerate(pictures)
        while batch := list(islice(numbered, self.batch_size)):
            yield from self._answers(batch)

    def _answers(self, batch: list[tuple[int, Picture]]) -> list[TaskAnswer]:
        answers: list[TaskAnswer | None] = [None] * len(batch)
        ready: list[tuple[int, str, PreparedImage]] = []
        for place, (index, item) in enumerate(batch):
            source = str(item) if isinstance(item, str | Path) else f'image {index}'
            try:
                picture = read_picture(item, source)
                ready.append((place, source, self.preparation(picture, source)))
            except InvalidImageError as error:
                answers[place] = TaskAnswer(source, error=str(error))
        shapes = {prepared.pixels.shape for _, _, prepared in ready}
        for shape in sorted(shapes):
            same = [each for each in ready if each[2].pixels.shape == shape]
            rows = self._logits([prepared for _, _, prepared in same])
            for (place, source, _), logits in zip(same, rows, strict=True):
                answers[place] = TaskAnswer(source, logits)
        return [answer for answer in answers if answer is not None]

    @torch.inference_mode()
    def _logits(self, prepared: list[PreparedImage]) -> list[dict[str, np.ndarray]]:
        images = torch.from_numpy(np.stack([each.pixels for each in prepared]))
        outputs = self.model(images.to(self.device))
        by_task = {task: value.float().cpu().numpy() for task, value in outputs.items()}
        return [
            {task: values[index] for task, values in by_task.items()}
            for index in range(len(prepared))
        ]
