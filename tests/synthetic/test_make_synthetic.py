"""The command that writes a street set: files, JSON, reuse, refusals."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest

from maxsight_mm.synthetic import map_files
from maxsight_mm.synthetic.street import StreetConfig, StreetWorld

TOOL = Path(__file__).parents[2] / 'tools' / 'dataset_tools' / 'make_synthetic.py'
SMALL = ('--train', '3', '--val', '2', '--size', '96x64')


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('sets') / 'street'
    done = run('street', folder, *SMALL, '--clips', 2, '--maps', '--audio')
    assert done.returncode == 0, done.stderr
    return folder


def load(folder, split):
    return json.loads((folder / 'annotations' / f'{split}.json').read_text())


def test_json_counts_ids_and_files(made):
    for split, total in (('train', 3), ('val', 2)):
        data = load(made, split)
        assert len(data['images']) == total
        assert [image['id'] for image in data['images']] == list(range(total))
        ids = [annotation['id'] for annotation in data['annotations']]
        assert len(set(ids)) == len(ids)
        assert len(data['categories']) == 24
        by_id = {annotation['id']: annotation for annotation in data['annotations']}
        for image in data['images']:
            picture = cv2.imread(str(made / image['file_name']))
            assert picture.shape == (64, 96, 3)
            for a, _, b in image['tasks']['relations']:
                assert by_id[a]['image_id'] == by_id[b]['image_id'] == image['id']


def test_clips_give_video_and_frame_ids(made):
    images = load(made, 'train')['images']
    assert [(i['video_id'], i['frame_id']) for i in images] == [(0, 0), (0, 1), (1, 0)]


def test_train_and_val_are_other_worlds(made):
    world = StreetWorld(StreetConfig(height=64, width=96))
    for split, seed in (('train', 0), ('val', 5_000_000)):
        task = load(made, split)['images'][0]['tasks']
        assert task['caption'] == world.frame(seed).caption
    first = cv2.imread(str(made / 'images/train/000000.jpg'))
    assert (first != cv2.imread(str(made / 'images/val/000000.jpg'))).mean() > 0.3


def test_maps_and_sound_are_those_of_the_world(made):
    image = load(made, 'train')['images'][1]
    task = image['tasks']
    frame = StreetWorld(StreetConfig(height=64, width=96)).clip(0, 2)[1]
    depth = map_files.read_depth(made / task['depth_file'])
    np.testing.assert_allclose(depth, np.minimum(frame.depth, 65.535), atol=6e-4)
    flow, valid = map_files.read_flow(made / task['flow_file'])
    assert valid.any()
    np.testing.assert_allclose(flow[valid], frame.flow[valid], atol=0.01)
    hidden = cv2.imread(str(made / task['occlusion_file']), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(hidden > 0, frame.occlusion)
    with wave.open(str(made / task['audio_file'])) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 16_000)
        assert file.getnframes() == 16_000


def test_a_complete_set_is_kept(made):
    image = made / 'images/train/000000.jpg'
    before = image.stat().st_mtime_ns
    done = run('street', made, *SMALL, '--clips', 2, '--maps', '--audio')
    assert done.returncode == 0 and 'already there' in done.stdout
    assert image.stat().st_mtime_ns == before


def test_other_settings_are_refused_in_one_line_unless_told(made, tmp_path):
    done = run('street', made, *SMALL)
    assert done.returncode == 1
    assert done.stderr.count('\n') == 1 and 'overwrite' in done.stderr
    folder = tmp_path / 'set'
    assert run('street', folder, *SMALL, '--workers', 1).returncode == 0
    again = run('street', folder, *SMALL, '--workers', 1, '--seed', 1, '--overwrite')
    assert again.returncode == 0
    assert json.loads((folder / 'dataset.json').read_text())['seed'] == 1
    assert os.listdir(tmp_path) == ['set']


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / 'mine.txt').write_text('keep')
    done = run('street', tmp_path, *SMALL, '--overwrite')
    assert done.returncode == 1 and 'no synthetic set' in done.stderr
    assert os.listdir(tmp_path) == ['mine.txt']


@pytest.mark.parametrize(
    'arguments',
    [
        ('street', 'x', '--size', '32'),
        ('street', 'x', '--size', '32x32'),
        ('street', 'x', '--train', '-1'),
        ('street', 'x', '--train', '0', '--val', '0'),
        ('street', 'x', '--workers', '0'),
        ('street',),
        ('moon', 'x'),
        (),
    ],
)
def test_bad_arguments_give_one_line_and_an_error(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.count('\n') == 1 and 'error:' in done.stderr
    assert not done.stdout


def test_map_files_round_trip(tmp_path):
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.3, 120, (6, 5)).astype(np.float32)
    map_files.write_depth(tmp_path / 'd.png', depth)
    read = map_files.read_depth(tmp_path / 'd.png')
    np.testing.assert_allclose(read, np.minimum(depth, 65.535), atol=6e-4)
    flow = rng.uniform(-700, 700, (6, 5, 2)).astype(np.float32)
    map_files.write_flow(tmp_path / 'f.png', flow)
    read, valid = map_files.read_flow(tmp_path / 'f.png')
    np.testing.assert_array_equal(valid, (np.abs(flow) < 511.99).all(-1))
    np.testing.assert_allclose(read[valid], flow[valid], atol=1 / 120)
    with pytest.raises(OSError, match='cannot read'):
        map_files.read_depth(tmp_path / 'missing.png')
