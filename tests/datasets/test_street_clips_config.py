from pathlib import Path

import pytest
import torch
from mmengine.dataset import pseudo_collate

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.registry import DATASETS, MODELS

BASES = Path(__file__).parents[2] / 'configs/_base_/datasets'


@pytest.mark.parametrize(('name', 'length'), [('street_clips', 8), ('street_pairs', 2)])
@pytest.mark.parametrize('loader', ['train_dataloader', 'val_dataloader'])
def test_street_batch_has_all_that_the_context_heads_read(
    street_clips, name, length, loader
):
    config = load_config(str(BASES / f'{name}.py'))[loader].dataset
    config.data_root = str(street_clips)
    dataset = DATASETS.build(config)
    batch = pseudo_collate([dataset[0], dataset[3]])
    model_input = MODELS.build({'type': 'TaskDataPreprocessor'})(batch)
    inputs = model_input['inputs']
    assert inputs['img'].shape == (2, 3, 192, 256)
    assert inputs['frames'].shape == (2, length, 3, 192, 256)
    assert inputs['frames_valid'].sum(1).tolist() == [1, min(4, length)]
    assert inputs['audio'].shape == (2, 2, 16_000)
    assert inputs['audio_valid'].all()
    first, last = (sample.gt_tasks for sample in model_input['data_samples'])
    assert 'flow' not in first
    assert last.flow.shape == (2, 192, 256)
    assert last.depth.shape == (1, 192, 256)
    assert torch.isfinite(last.depth).all()
