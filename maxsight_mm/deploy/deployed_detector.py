"""An exported safety pass where the test loop expects a model.

The session is what runs on the device, so the figures are those of the device's
arithmetic, its resize and its decoding included.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.engine.config_loading import ConfigError
from maxsight_mm.inference import SafetyAnswer, classes_of
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample

from .artefact import read_artefact
from .deployed_safety_pass import DeployedSafetyPass


@MODELS.register_module()
class DeployedDetector(BaseModel):
    """Pictures as the camera gave them in, samples with predictions out.

    Args:
        folder: As for :class:`DeployedSafetyPass`, and so are the others.
        device: Where the runtime computes.
        threads: Its threads.
        backend: ``onnxruntime`` or ``openvino``; by default the artefact's.

    Raises:
        ValueError: If the folder cannot be used.
    """

    def __init__(
        self,
        folder: str,
        device: str = 'cpu',
        threads: int | None = None,
        backend: str | None = None,
    ) -> None:
        super().__init__()
        self.deployed = DeployedSafetyPass(
            folder, device, threads, backend, strict=True
        )

    def forward(self, *args, **kwargs) -> None:
        """Not there: a graph does not train."""
        raise NotImplementedError('an exported graph only answers: call test_step')

    def test_step(self, data: Mapping[str, Any]) -> list[TaskSample]:
        """Answers on the samples.

        Args:
            data: ``inputs``, a list of (3, H, W) uint8 BGR tensors that were not
                resized, or a dict of lists with ``img``; and ``data_samples``.

        Raises:
            ValueError: If a picture cannot be answered.
        """
        inputs = data['inputs']
        images = inputs['img'] if isinstance(inputs, Mapping) else inputs
        # (3, H, W) -> (H, W, 3)
        pictures = [np.ascontiguousarray(x.permute(1, 2, 0).numpy()) for x in images]
        samples = data['data_samples']
        for sample, answer in zip(samples, self.deployed(pictures), strict=True):
            _fill(sample, answer)
        return samples


def use_deployed(config: Config, folder: str) -> None:
    """Let a config test an exported folder in place of its model, in place.

    The test pipeline's ``Resize`` goes: the exported pass does it itself.

    Raises:
        ConfigError: If the folder was exported for other classes.
        ValueError: If the folder cannot be used.
    """
    classes = classes_of(config)
    exported = read_artefact(folder).classes
    if exported != classes:
        raise ConfigError(
            f'{folder} was exported for {len(exported)} classes, of which '
            f'{len(set(exported) & set(classes))} are among the {len(classes)} of '
            'the config, or their order differs'
        )
    config.model = dict(type='DeployedDetector', folder=folder)
    dataset = config.test_dataloader.dataset
    dataset.pipeline = [
        step for step in dataset.pipeline if step.type.rsplit('.', 1)[-1] != 'Resize'
    ]
    config.load_from = None


def _fill(sample: TaskSample, answer: SafetyAnswer) -> None:
    sample.pred_instances = InstanceData(
        bboxes=torch.from_numpy(answer.boxes),
        scores=torch.from_numpy(answer.scores),
        labels=torch.from_numpy(answer.labels),
        zones=torch.from_numpy(answer.zones),
        zone_scores=torch.from_numpy(answer.zone_scores),
        urgencies=torch.from_numpy(answer.urgencies),
        urgency_scores=torch.from_numpy(answer.urgency_scores),
    )
    sample.pred_tasks = BaseDataElement(
        urgency=torch.tensor([answer.image_urgency]),
        urgency_scores=torch.from_numpy(answer.image_urgency_scores),
        uncertainty=torch.tensor([answer.uncertainty]),
    )
