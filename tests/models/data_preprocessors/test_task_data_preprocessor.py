import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample

COMMON = {
    'mean': [123.675, 116.28, 103.53],
    'std': [58.395, 57.12, 57.375],
    'bgr_to_rgb': True,
    'pad_size_divisor': 32,
}


def build(**options):
    return MODELS.build({'type': 'TaskDataPreprocessor', **COMMON, **options})


def picture(height, width, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shape = (3, height, width)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def sample(image, **tasks):
    made = TaskSample(metainfo={'img_shape': tuple(image.shape[1:])})
    made.gt_instances = InstanceData(labels=torch.zeros(0, dtype=torch.long))
    made.gt_tasks = BaseDataElement(**tasks)
    return made


def item(height=40, width=60, length=3, audio=None, **tasks):
    frames = [picture(height, width, seed) for seed in range(length)]
    inputs = {
        'img': frames[-1],
        'clip': torch.stack(frames),
        'clip_valid': torch.tensor([False] + [True] * (length - 1)),
        'audio': torch.zeros(2, 0) if audio is None else audio,
    }
    return {'inputs': inputs, 'data_samples': sample(frames[-1], **tasks)}


@pytest.mark.parametrize('training', [False, True])
def test_plain_images_come_out_as_of_mmdet(training):
    images = [picture(40, 60), picture(33, 70, 1)]
    batches = [
        {'inputs': list(images), 'data_samples': [sample(image) for image in images]}
        for _ in range(2)
    ]
    ours = build()(batches[0], training)
    theirs = MODELS.build({'type': 'mmdet.DetDataPreprocessor', **COMMON})
    expected = theirs(batches[1], training)
    assert torch.equal(ours['inputs'], expected['inputs'])
    for a, b in zip(ours['data_samples'], expected['data_samples'], strict=True):
        assert a.metainfo == b.metainfo


def test_no_samples_are_no_trouble():
    out = build()({'inputs': [picture(32, 32)], 'data_samples': None})
    assert out['data_samples'] is None


def test_frames_are_normalised_and_padded_as_their_images():
    batch = pseudo_collate([item(40, 60), item(33, 70)])
    inputs = build()(batch)['inputs']
    assert inputs['frames'].shape == (2, 3, 3, 64, 96)
    assert inputs['frames_valid'].tolist() == [[False, True, True]] * 2
    assert torch.equal(inputs['frames'][:, -1], inputs['img'])
    # Worked by hand: red of the oldest frame's first pixel; BGR becomes RGB.
    red = batch['inputs']['clip'][1][0, 2, 0, 0].item()
    expected = (red - 123.675) / 58.395
    assert inputs['frames'][1, 0, 0, 0, 0].item() == pytest.approx(expected, rel=1e-5)
    assert (inputs['frames'][1, :, :, 33:] == 0).all()


def test_batch_mixes_sound_silence_and_broken_sound():
    tone = torch.full((2, 8), 0.5)
    broken = tone.clone()
    broken[1, 3] = float('nan')
    items = [item(audio=tone), item(), item(audio=broken)]
    inputs = build(audio_length=8)(pseudo_collate(items))['inputs']
    assert inputs['audio'].dtype == torch.float32
    assert inputs['audio_valid'].tolist() == [True, False, False]
    assert torch.equal(inputs['audio'][0], tone)
    assert (inputs['audio'][1:] == 0).all()


def test_batch_without_any_sound_has_the_usual_length():
    inputs = build(audio_length=8)(pseudo_collate([item(), item()]))['inputs']
    assert inputs['audio'].shape == (2, 2, 8)
    assert not inputs['audio_valid'].any()


def test_half_precision_sound_becomes_single():
    audio = torch.full((2, 8), 0.5, dtype=torch.float16)
    inputs = build(audio_length=8)(pseudo_collate([item(audio=audio)]))['inputs']
    assert inputs['audio'].dtype == torch.float32
    assert inputs['audio'].eq(0.5).all()


def test_image_alone_in_a_dict_gives_the_image_alone():
    image = picture(32, 32)
    batch = {'inputs': {'img': [image]}, 'data_samples': [sample(image)]}
    assert build()(batch)['inputs'].keys() == {'img'}


def test_sound_of_another_length_is_refused():
    batch = pseudo_collate([item(audio=torch.zeros(2, 7))])
    with pytest.raises(ValueError, match=r'\(2, 8\) or empty, got \(2, 7\)'):
        build(audio_length=8)(batch)


def test_clips_of_several_lengths_are_refused():
    batch = pseudo_collate([item(length=2), item(length=3)])
    with pytest.raises(ValueError, match=r'differ in length: \[2, 3\]'):
        build()(batch)


def test_batch_augments_and_clips_exclude_each_other():
    resize = {'type': 'BatchSyncRandomResize', 'random_size_range': (32, 64)}
    with pytest.raises(ValueError, match='images but not their clips'):
        build(batch_augments=[resize])(pseudo_collate([item()]), True)


def test_maps_of_the_image_size_are_padded_with_unknown():
    items = [
        item(40, 60, depth=torch.ones(1, 40, 60), glare=torch.ones(1)),
        item(64, 96, depth=torch.ones(1, 64, 96)),
    ]
    items[0]['data_samples'].gt_tasks.steps = torch.ones(40, 60, dtype=torch.long)
    samples = build()(pseudo_collate(items))['data_samples']
    tasks = samples[0].gt_tasks
    assert tasks.depth.shape == samples[1].gt_tasks.depth.shape == (1, 64, 96)
    assert tasks.depth[0, :40, :60].eq(1).all()
    assert tasks.depth.isnan().sum() == 64 * 96 - 40 * 60
    assert tasks.steps[40:].eq(-1).all()
    assert tasks.glare.tolist() == [1]
