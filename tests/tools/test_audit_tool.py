import json

import cv2
import numpy as np
import pytest

from tests.tool_run import run_tool


def scene(seed):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(small, (60, 60), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def splits(tmp_path):
    """Class folders of two splits; one picture of each class is in both."""
    for split, seeds in (('train', (0, 1, 2)), ('val', (2, 3))):
        for offset, name in ((0, 'fire'), (10, 'normal')):
            folder = tmp_path / split / name
            folder.mkdir(parents=True)
            for seed in seeds:
                cv2.imwrite(str(folder / f'{seed}.png'), scene(seed + offset))
    (tmp_path / 'train' / 'fire' / 'broken.png').write_bytes(b'no picture')
    return tmp_path


def audit(splits, *arguments):
    sources = [f'{name}={splits / name}' for name in ('train', 'val')]
    out = splits / 'out'
    return out, run_tool(
        'dataset_tools/audit.py', *sources, '--out', str(out), *arguments
    )


def test_leaks_are_found_and_change_the_status(splits):
    card = splits / 'card.json'
    card.write_text(json.dumps(dict(consent='asked')))
    out, run = audit(
        splits,
        *('--target', 'fire=.5', 'normal=.5', '--natural', 'fire=.1', 'normal=.9'),
        *('--plan', 'a=0.9:10', '--plan', 'b=0.1:20', '--events-per-year', '5'),
        *('--miss-cost', '7', '--card', str(card)),
    )
    assert run.returncode == 1, run.stderr
    assert run.stdout.strip().endswith('2 pairs across splits, 0 within, 1 unreadable')
    content = json.loads((out / 'audit.json').read_text())
    assert [twins['splits'] for twins in content['twins']] == [['train', 'val']] * 2
    assert [row['to_add'] for row in content['mix']] == [0, 1]
    assert content['plans'][0]['yearly_cost'] == pytest.approx(0.9 * 5 * 7)
    assert 'broken.png' in (out / 'audit.md').read_text()
    assert 'asked' in (out / 'data_card.md').read_text()
    for name in ('mix', 'classes', 'plans'):
        assert cv2.imread(str(out / f'{name}.png')).std() > 5


def test_a_clean_set_is_status_0(splits):
    for name in ('fire', 'normal'):
        (splits / 'val' / name / '2.png').unlink()
    out, run = audit(splits)
    assert run.returncode == 0, run.stderr
    assert 'No two pictures look alike.' in (out / 'audit.md').read_text()
    assert not (out / 'mix.png').exists()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('--target', 'fire=.5', 'normal=.4'), 'target: shares sum to 0.900'),
        (('--target', 'smoke=1'), 'no picture has one of the tags smoke'),
        (('--target', 'fire'), "'fire' is not name=value"),
        (('--plan', 'a=nan:1'), '--plan needs --events-per-year'),
        (
            ('--plan', 'a=.5:1', '--events-per-year', '1', '--miss-cost', 'nan'),
            'cost per miss must be a number',
        ),
        (('--card', 'none.json'), 'none.json'),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(splits, arguments, message):
    out, run = audit(splits, *arguments)
    assert run.returncode == 2
    assert message in run.stderr.splitlines()[-1]
    assert not out.exists()


def test_a_source_that_is_not_there_is_said(tmp_path):
    run = run_tool(
        'dataset_tools/audit.py', 'all=nowhere', '--out', str(tmp_path / 'out')
    )
    assert run.returncode == 2
    assert 'nowhere: no such folder' in run.stderr
