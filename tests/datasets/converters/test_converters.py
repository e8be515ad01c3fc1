"""Each converter on a small source of the real layout, and on the real set."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from maxsight_mm.datasets import MaxSightCocoDataset, load_coco_json, validate_coco
from maxsight_mm.datasets.converters import CONVERTERS
from maxsight_mm.datasets.converters.coco_set import CocoSet, SourceError
from maxsight_mm.datasets.converters.mot import box_flow
from maxsight_mm.synthetic import map_files
from tools.dataset_tools import convert

ROOT = Path(os.environ.get('MAXSIGHT_DATA', Path(__file__).parents[3] / 'data'))
REAL = {
    'esc10': 'esc10_audio',
    'icdar2015': 'icdar2015',
    'middlebury': 'middlebury_flow',
    'mot': 'mot_tud',
    'rgbd': 'rgbd_open3d',
}
PIPELINE = [
    {'type': 'LoadSafeImage'},
    {'type': 'LoadTaskAnnotations', 'with_bbox': True},
    {'type': 'Resize', 'scale': (128, 96), 'keep_ratio': False},
    {'type': 'LoadClip'},
    {'type': 'LoadTaskMaps'},
    {'type': 'LoadAudio'},
    {'type': 'PackTaskInputs', 'modalities': ('img', 'clip', 'audio')},
]


def picture(path, height=20, width=30, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    cv2.imwrite(str(path), pixels)


def converted(name, source, tmp_path):
    """The two splits, validated, with a data set for each."""
    out = tmp_path / 'out'
    CONVERTERS[name](source, out)
    splits = {}
    for split in ('train', 'val'):
        data = load_coco_json(out / f'annotations/{split}.json')
        report = validate_coco(data)
        assert report.ok, report.summary()
        dataset = MaxSightCocoDataset(
            data_root=str(out),
            ann_file=f'annotations/{split}.json',
            clip_length=2,
            test_mode=True,
            pipeline=PIPELINE,
        )
        splits[split] = (data, dataset)
    return splits


@pytest.mark.parametrize('name', sorted(CONVERTERS))
def test_real_set_converts_loads_and_packs(name, tmp_path):
    source = ROOT / REAL[name]
    if not source.is_dir():
        pytest.skip(f'no {source}')
    if name == 'esc10':
        pytest.importorskip('soundfile')
    for data, dataset in converted(name, source, tmp_path).values():
        assert len(dataset) == len(data['images']) > 0
        sample = dataset[len(dataset) - 1]
        assert sample['inputs']['img'].shape == (3, 96, 128)


def test_words_keep_their_corners_and_unreadable_ones_are_marked(tmp_path):
    source = tmp_path / 'source'
    truths = source / 'ch4_training_localization_transcription_gt'
    truths.mkdir(parents=True)
    for i in range(1, 6):
        picture(source / f'ch4_training_images/img_{i}.jpg')
        lines = '2,3,12,3,12,9,2,9,to, be\r\n15,1,35,1,35,5,15,5,###\r\n'
        (truths / f'gt_img_{i}.txt').write_text(lines, 'utf-8-sig')
    splits = converted('icdar2015', source, tmp_path)
    assert [len(data['images']) for data, _ in splits.values()] == [4, 1]
    data, dataset = splits['val']
    assert data['images'][0]['file_name'].endswith('img_5.jpg')
    readable, unreadable = data['annotations']
    assert (readable['text'], readable['bbox']) == ('to, be', [2, 3, 10, 6])
    assert (unreadable['iscrowd'], unreadable['bbox']) == (1, [15, 1, 15, 4])
    texts = dataset[0]['data_samples'].gt_tasks.texts
    assert texts[0]['text'] == 'to, be'
    # 30 x 20 pixels become 128 x 96.
    np.testing.assert_allclose(texts[0]['quad'][2], [12 * 128 / 30, 9 * 96 / 20])
    assert (texts[1]['text'], texts[1]['illegible']) == ('', True)


def test_pair_is_cut_into_a_left_and_a_right_part(tmp_path):
    source = tmp_path / 'source'
    flow = np.zeros((20, 30, 2), '<f4')
    flow[..., 0] = 2
    flow[4, 5] = 1.7e9
    for i in (10, 11):
        picture(source / f'other-data/Lane/frame{i}.png', seed=i)
    path = source / 'other-gt-flow/Lane/flow10.flo'
    path.parent.mkdir(parents=True)
    header = np.float32(202021.25).tobytes() + np.array([30, 20], '<i4').tobytes()
    path.write_bytes(header + flow.tobytes())
    splits = converted('middlebury', source, tmp_path)
    widths = [data['images'][0]['width'] for data, _ in splits.values()]
    assert widths == [24, 6]
    first, second = splits['train'][0]['images']
    read, known = map_files.read_flow(tmp_path / 'out' / first['tasks']['flow_file'])
    assert np.argwhere(~known).tolist() == [[4, 5]]
    assert np.unique(read[known]).tolist() == [0, 2]
    hidden = map_files.read_occlusion(
        tmp_path / 'out' / first['tasks']['occlusion_file']
    )
    assert hidden[:, 22:].all()
    assert not hidden[:, :22].sum() > 1
    assert (second['frame_id'], second['tasks']) == (1, {})
    sample = splits['train'][1][1]['data_samples']
    assert sample.gt_tasks.flow.shape == (2, 96, 128)
    assert sample.gt_tasks.flow[0].nanmean() == pytest.approx(2 * 128 / 24)


def test_depth_holes_load_as_unknown_and_boxes_are_unlabelled(tmp_path):
    source = tmp_path / 'source'
    depth = np.full((20, 30), 2500, np.uint16)
    depth[:, :15] = 0
    for i in range(5):
        picture(source / f'color/{i}.jpg')
        (source / 'depth').mkdir(exist_ok=True)
        cv2.imwrite(str(source / f'depth/{i}.png'), depth)
    splits = converted('rgbd', source, tmp_path)
    assert [len(data['images']) for data, _ in splits.values()] == [4, 1]
    sample = splits['val'][1][0]['data_samples']
    assert sample.gt_tasks.depth[..., :64].isnan().all()
    assert sample.gt_tasks.depth[..., 64:].eq(2.5).all()
    assert len(sample.gt_instances) == 0
    assert sample.ignored_instances.bboxes.tensor.tolist() == [[0, 0, 128, 96]]


def test_each_loud_second_hears_itself(tmp_path):
    source = tmp_path / 'source'
    source.mkdir()
    rows = ['path,class_id,class,fold']
    for fold in (1, 2):
        # Loud, silent, loud; a level that tells which second it is.
        levels = np.repeat([0.5, 0.0, 0.25], 16_000)[None]
        map_files.write_sound(source / f'{fold}.wav', levels.astype('f4'), 16_000)
        rows.append(f'{fold}.wav,1,Dog bark,{fold}')
    (source / 'labels.csv').write_text('\n'.join(rows))
    splits = converted('esc10', source, tmp_path)
    assert [len(data['images']) for data, _ in splits.values()] == [2, 2]
    data, dataset = splits['val']
    assert [image['frame_id'] for image in data['images']] == [1, 3]
    assert data['images'][1]['tasks']['sounds'] == [
        {'label': 'dog bark', 'start_s': 2, 'end_s': 3}
    ]
    for index, level in ((0, 0.5), (1, 0.25)):
        audio = dataset[index]['inputs']['audio']
        assert audio.shape == (2, 16_000)
        assert audio.mean().item() == pytest.approx(level, abs=1e-3)


def test_tracks_move_their_boxes_and_never_cross_the_split(tmp_path):
    source = tmp_path / 'source'
    lines = []
    for i in range(1, 11):
        picture(source / f'Walk/img1/{i:06d}.jpg')
        lines.append(f'{i},7,{2 + i},5,8,10,-1')
    (source / 'Walk/gt').mkdir()
    (source / 'Walk/gt/gt.txt').write_text('\n'.join(lines))
    splits = converted('mot', source, tmp_path)
    train, val = (data for data, _ in splits.values())
    assert [image['frame_id'] for image in val['images']] == [9, 10]
    assert [len(image['tasks']) for image in train['images']] == [1] * 7 + [0]
    annotation = train['annotations'][0]
    # Pixels count from 1 in the source.
    assert (annotation['bbox'], annotation['instance_id']) == ([2, 4, 8, 10], 7)
    flow = splits['train'][1][1]['data_samples'].gt_tasks.flow
    known = flow[0].isfinite()
    assert 0 < known.float().mean() < 0.2
    np.testing.assert_allclose(flow[0][known], 128 / 30, rtol=1e-5)
    assert flow[1][known].eq(0).all()


def test_box_flow_grows_with_the_box_and_leaves_overlaps_unknown():
    boxes = {1: np.array([0.0, 0, 8, 10]), 2: np.array([20.0, 0, 30, 10])}
    later = {1: np.array([0.0, 0, 16, 10]), 2: np.array([21.0, 0, 31, 10])}
    flow = box_flow(boxes, later, (10, 40))
    # x of a centre doubles, so it moves by itself.
    assert flow[5, 2:6, 0].tolist() == [2.5, 3.5, 4.5, 5.5]
    assert flow[5, 24].tolist() == [1, 0]
    assert (flow[5, 8:20] == 1e9).all()
    boxes[3] = np.array([24.0, 0, 34, 10])
    assert (box_flow(boxes, later, (10, 40))[5, 25] == 1e9).all()


def test_wrong_source_is_one_line_and_status_2(tmp_path, capsys):
    for name in CONVERTERS:
        assert convert.main([name, str(tmp_path), str(tmp_path / name)]) == 2
        assert str(tmp_path) in capsys.readouterr().err


def test_full_folder_is_not_overwritten(tmp_path):
    (tmp_path / 'a').write_text('')
    with pytest.raises(SourceError, match='is there already'):
        CocoSet(tmp_path, '', ['person'])
