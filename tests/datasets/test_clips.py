import pytest

from maxsight_mm.datasets import MaxSightCocoDataset
from maxsight_mm.datasets.clips import previous_frames


def info(img_id, video=None, frame=None, **tasks):
    place = {} if video is None else {'video_id': video, 'frame_id': frame}
    return {'img_id': img_id, 'img_path': f'{img_id}.png', 'tasks': tasks, **place}


def test_frames_are_ordered_and_stay_in_their_video():
    infos = [info(5, 1, 2), info(6, 2, 0), info(7, 1, 0), info(8, 1, 1), info(9)]
    before = previous_frames(infos, 2)
    assert {k: [f['img_path'] for f in v] for k, v in before.items()} == {
        7: [],
        8: ['7.png'],
        5: ['7.png', '8.png'],
        6: [],
    }


def test_no_more_frames_than_asked_and_with_their_maps():
    infos = [info(i, 1, i, flow_file=f'f{i}.png', caption='x') for i in range(4)]
    assert previous_frames(infos, 1)[3] == [
        {'img_path': '2.png', 'frame_id': 2, 'flow_file': 'f2.png'}
    ]


def street(root, **options):
    return MaxSightCocoDataset(
        data_root=str(root), ann_file='annotations/train.json', pipeline=[], **options
    )


def test_data_set_gives_each_sample_the_frames_before(street_clips):
    dataset = street(street_clips, clip_length=3)
    counts = [len(dataset.get_data_info(i)['clip_frames']) for i in range(8)]
    assert counts == [0, 1, 2, 2, 0, 1, 2, 2]
    sample = dataset.get_data_info(3)
    assert sample['clip_length'] == 3
    assert sample['fps'] == 8.0
    assert sample['classes'] == dataset.metainfo['classes']
    assert sample['clip_frames'][-1]['img_path'].endswith('000002.jpg')


def test_frames_that_a_filter_leaves_out_stay_in_the_clips(coco, write):
    coco['images'][1].update(video_id=7, frame_id=1)
    coco['images'].reverse()
    coco['annotations'] = coco['annotations'][1:2]
    coco['annotations'][0]['image_id'] = 2
    coco['images'][1]['tasks'] = {}
    dataset = MaxSightCocoDataset(
        data_root=str(write(coco)),
        ann_file='train.json',
        filter_cfg={'filter_empty_gt': True},
        clip_length=2,
        pipeline=[],
    )
    assert len(dataset) == 1
    frames = dataset.get_data_info(0)['clip_frames']
    assert [frame['img_path'].endswith('a.png') for frame in frames] == [True]


def test_single_images_have_no_clip(street_clips):
    assert 'clip_frames' not in street(street_clips).get_data_info(3)


@pytest.mark.parametrize('length', [0, 1.5, None])
def test_clip_length_is_checked(street_clips, length):
    with pytest.raises(ValueError, match='clip_length must be an int from 1'):
        street(street_clips, clip_length=length)
