"""The trained safety pass on pictures, through PyTorch.

    inferencer = SafetyInferencer(CONFIG, CHECKPOINT)
    for answer in inferencer('pictures/'):
        print(answer.source, answer.status, answer.class_names)

What MMDetection's ``DetInferencer`` is for detectors, with answers that are typed, a
picture that cannot be read answered as *unavailable*, and no code in checkpoints.
"""

from pathlib import Path

import torch
from mmengine.config import Config

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.structures import TaskSample

from .image_preparation import (
    ImagePreparation,
    PreparedImage,
    preparation_of_config,
)
from .load_detector import classes_of, load_detector
from .network_answer import NetworkAnswer
from .safety_runner import SafetyRunner

# Beside those every detector has.
_ANSWERED_TASKS = ('distance', 'object_urgency', 'urgency', 'uncertainty')


class SafetyInferencer(SafetyRunner):
    """A config and a checkpoint, answering pictures one by one.

    Args:
        config: Config the checkpoint was trained with, or its file.
        checkpoint: The weights.
        device: ``cpu``, ``cuda``, ``cuda:1``, ...
        strict: Raise ValueError where an answer would be unavailable.
        preparation: In place of the config's own, to see what an exported graph
            sees.

    Raises:
        ValueError: If config, checkpoint or device cannot be used, or a head is
            missing whose answer is part of :class:`SafetyAnswer`.
    """

    def __init__(
        self,
        config: Config | str | Path,
        checkpoint: str | Path,
        device: str = 'cpu',
        strict: bool = False,
        preparation: ImagePreparation | None = None,
    ) -> None:
        if not isinstance(config, Config):
            config = load_config(str(config))
        self.detector = load_detector(config, checkpoint, device)
        heads = {head.task: head for head in self.detector.safety_heads}
        if missing := [task for task in _ANSWERED_TASKS if task not in heads]:
            raise ValueError(f'the model lacks the heads {", ".join(missing)}')
        self.device = torch.device(device)
        decoder = self.detector.decoder
        super().__init__(
            preparation=preparation or preparation_of_config(config),
            classes=classes_of(config),
            test_cfg=dict(
                score_thr=decoder.score_thr,
                nms_pre=decoder.nms_pre,
                iou_threshold=decoder.iou_threshold,
                max_per_img=decoder.max_per_img,
            ),
            min_safe_scores={
                name: heads[name].min_safe_score
                for name in ('urgency', 'object_urgency')
            },
            strict=strict,
        )

    @torch.inference_mode()
    def infer(self, prepared: PreparedImage, source: str) -> NetworkAnswer:
        """The detector's answer for one input."""
        images = torch.from_numpy(prepared.pixels)[None].to(self.device)
        whole = self.preparation.sees_padding
        shape = prepared.pixels.shape[1:] if whole else prepared.shape
        sample = TaskSample(metainfo=dict(img_shape=shape))
        (sample,) = self.detector.predict(images, [sample], rescale=False)
        found, image = sample.pred_instances.numpy(), sample.pred_tasks.numpy()
        return NetworkAnswer(
            boxes=found.bboxes,
            scores=found.scores,
            labels=found.labels,
            zones=found.zones,
            zone_scores=found.zone_scores,
            urgencies=found.urgencies,
            urgency_scores=found.urgency_scores,
            image_urgency=int(image.urgency[0]),
            image_urgency_scores=image.urgency_scores,
            uncertainty=float(image.uncertainty[0]),
        )
