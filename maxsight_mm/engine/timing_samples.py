"""Random inputs and labels for every head, to time a model without a data set.

Values are drawn without regard to sense: only shapes and types matter for time.
"""

from typing import Any

import torch
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from ..structures import TaskSample
from ..taxonomy.concepts import CONCEPTS
from ..taxonomy.predicates import RELATIONS
from ..taxonomy.preferences import PREFERENCES

NUM_OBJECTS = 8
NUM_TEXTS, NUM_CHARACTERS = 16, 24
NUM_WORDS = 64
AUDIO_SAMPLES = 16000  # one second at 16 kHz
# A context pass with a temporal encoder takes the longer clip.
FRAMES, LONG_CLIP = 2, 8

Inputs = Tensor | dict[str, Tensor]


def make_inputs(
    model: torch.nn.Module, batch: int, size: tuple[int, int], device: str
) -> Inputs:
    """What the model takes: images, with clip and sound where it has a context stage.

    Returns:
        (B, 3, H, W) float32 images, or a dict with ``img``, ``frames``
        (B, T, 3, H, W), ``frames_valid`` (B, T), ``audio`` (B, 2, 16000) and
        ``audio_valid`` (B,).
    """
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(batch, 3, *size, generator=generator).to(device)
    stage: Any = getattr(model, 'context_stage', None)
    if stage is None:
        return images
    length = LONG_CLIP if stage.context_pass.needs_clip else FRAMES
    frames = torch.randn(batch, length, 3, *size, generator=generator)
    audio = torch.randn(batch, 2, AUDIO_SAMPLES, generator=generator)
    return dict(
        img=images,
        frames=frames.to(device),
        frames_valid=torch.ones(batch, length, dtype=torch.bool, device=device),
        audio=audio.to(device),
        audio_valid=torch.ones(batch, dtype=torch.bool, device=device),
    )


def make_samples(batch: int, height: int, width: int, device: str) -> list[TaskSample]:
    """Eight objects an image, labelled for every head."""
    generator = torch.Generator().manual_seed(0)
    samples = []
    for _ in range(batch):
        corner = torch.rand(NUM_OBJECTS, 2, generator=generator) * 0.6
        extent = torch.rand(NUM_OBJECTS, 2, generator=generator) * 0.3 + 0.05
        boxes = torch.cat([corner, corner + extent], dim=1)
        scale = torch.tensor([width, height, width, height])
        sample = TaskSample(
            metainfo=dict(
                img_shape=(height, width),
                ori_shape=(height, width),
                pad_shape=(height, width),
                batch_input_shape=(height, width),
                scale_factor=(1.0, 1.0),
            )
        )
        # Class 0 is one of every model.
        labels = dict(labels=1, zones=3, urgencies=4, alerts=2, danger_alerts=2)
        sample.gt_instances = InstanceData(
            bboxes=boxes * scale,
            roi_priorities=torch.rand(NUM_OBJECTS, generator=generator),
            findabilities=torch.rand(NUM_OBJECTS, generator=generator),
            **{
                name: torch.randint(0, count, (NUM_OBJECTS,), generator=generator)
                for name, count in labels.items()
            },
        )
        sample.gt_tasks = BaseDataElement(**_image_labels(height, width, generator))
        samples.append(sample.to(device))
    return samples


def _image_labels(
    height: int, width: int, generator: torch.Generator
) -> dict[str, Tensor]:
    shapes = dict(
        depth=(1, height, width),
        flow=(2, height, width),
        contrast_map=(1, height // 4, width // 4),
        condition_severity=(13,),
        scene_descriptor=(32,),
        user=(len(PREFERENCES),),
        **dict.fromkeys(
            (
                *('glare', 'navigation_difficulty', 'fatigue', 'focus_depth_m'),
                *('scene_contrast', 'sound_azimuth_deg', 'time_to_hazard_s'),
            ),
            (1,),
        ),
    )
    decisions = dict(
        free_path=3,
        head_obstacle=1,
        sound_events=6,
        hazard_within=4,
        concepts=len(CONCEPTS),
    )
    quad = torch.tensor([[0.0, 0.0], [0.2, 0.0], [0.2, 0.1], [0.0, 0.1]])
    quads = (quad * torch.tensor([width, height])).repeat(NUM_TEXTS, 1, 1)
    regions = torch.cat([quads.flatten(1), torch.ones(NUM_TEXTS, 1)], dim=1)
    objects = (NUM_OBJECTS, NUM_OBJECTS)
    return dict(
        text_quads=quads,
        text_regions=regions,
        text_ids=torch.randint(1, 9, (NUM_TEXTS, NUM_CHARACTERS), generator=generator),
        caption_ids=torch.randint(3, 9, (NUM_WORDS,), generator=generator),
        urgency=torch.tensor([1]),
        lighting_label=torch.tensor([2]),
        haptic_pattern=torch.tensor([1]),
        relation_labels=torch.randint(0, len(RELATIONS), objects, generator=generator),
        **{
            name: torch.rand(shape, generator=generator) + 0.1
            for name, shape in shapes.items()
        },
        **{
            name: torch.randint(0, 2, (count,), generator=generator).float()
            for name, count in decisions.items()
        },
    )
