"""The pipelines of the tiers, on street clips: labels and frames fit the picture."""

from pathlib import Path

import numpy as np
import pytest

from maxsight_mm.datasets import MaxSightCocoDataset
from maxsight_mm.datasets.derived_labels import contrast_map, scene_contrast
from maxsight_mm.engine.config_loading import load_config

ROOT = Path(__file__).parents[2] / 'configs'


@pytest.fixture(params=['tier_t2', 'tier_t3', 'tier_t4', 'tier_t5'])
def training(request, street_clips):
    config = load_config(str(ROOT / f'{request.param}.py')).train_dataloader.dataset
    pipeline = config.pipeline
    for step in pipeline:
        if step.type == 'ChangeColours' and 'prob' in step.transform:
            step.transform.prob = 1.0
    return MaxSightCocoDataset(
        data_root=str(street_clips),
        ann_file='annotations/train.json',
        clip_length=config.clip_length,
        pipeline=pipeline,
    )


def test_labels_of_the_pixels_describe_the_packed_picture(training):
    np.random.seed(0)
    for index in (2, 3):
        packed = training[index]
        # (3, H, W) -> (H, W, 3)
        image = packed['inputs']['img'].numpy().transpose(1, 2, 0)
        tasks = packed['data_samples'].gt_tasks
        expected = contrast_map({'img': image.copy()})
        np.testing.assert_allclose(tasks.contrast_map, expected, atol=1e-5)
        expected = scene_contrast({'img': image.copy()})
        np.testing.assert_allclose(tasks.scene_contrast, expected, atol=1e-5)


def test_frames_look_as_the_picture_does(training):
    """The current frame stands for those before: it must come out alike."""
    info = training.get_data_info(3)
    count = len(info['clip_frames'])
    info['clip_frames'] = [{'img_path': info['img_path']}] * count
    for seed in range(4):
        np.random.seed(seed)
        packed = training.pipeline(dict(info))
        clip = packed['inputs']['clip'].float()
        image = packed['inputs']['img'].clamp(0, 255)
        assert (clip[-1] - image).abs().max() <= 0.5
        # Interpolated once where the picture is twice.
        assert (clip[-2] - clip[-1]).abs().mean() < 12
        means = clip.mean(dim=(2, 3))
        assert (means - means[-1]).abs().max() < 4
