import csv
from collections import Counter

import cv2
import numpy as np
import pytest

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.synthetic.incidents import TASKS, draw_incident
from maxsight_mm.synthetic.incidents.incident_dataset import (
    IncidentSetSettings,
    labels_of,
    write_incident_set,
)
from tests.tool_run import run_tool


def labels(action=0, severity=1, offence=0):
    return dict(action_class=action, severity=severity, offence=offence)


def mark(image):
    """Pixels of the yellow and red mark, and their mean place."""
    blue, green, red = (image[..., i].astype(int) for i in range(3))
    yellow = (red > 130) & (green > 100) & (blue < 90) & (red > green)
    return np.argwhere(yellow)


def test_the_same_seed_draws_the_same_picture():
    one, other = draw_incident(labels(), 3), draw_incident(labels(), 3)
    np.testing.assert_array_equal(one, other)
    assert one.shape == (64, 64, 3)
    assert one.dtype == np.uint8
    assert (draw_incident(labels(), 4) != one).any()


def test_severities_are_ordered_by_the_size_of_the_mark():
    sizes = []
    for severity in range(4):
        counts = [len(mark(draw_incident(labels(3, severity), s))) for s in range(30)]
        sizes.append(np.median(counts))
    assert sizes == sorted(sizes)
    # Some shirts are yellow as well, whatever the severity.
    assert sizes[3] - sizes[0] > 30


def test_offences_are_told_by_the_place_of_the_mark():
    """How far the mark is from the middle of the players, where the victim stands."""
    places = []
    for offence in range(3):
        found = [mark(draw_incident(labels(1, 2, offence), s)) for s in range(30)]
        columns = [np.abs(f[:, 1].mean() - 31.5) for f in found if len(f)]
        places.append(np.median(columns))
    assert places[0] > places[1] > places[2]


def test_actions_look_different():
    means = []
    for action in range(6):
        pictures = [draw_incident(labels(action), (action, s)) for s in range(60)]
        grey = [cv2.cvtColor(p, cv2.COLOR_BGR2GRAY).astype(float) for p in pictures]
        # Mirrored at random: either way counts.
        means.append(np.mean([g - g.mean() + (g - g.mean())[:, ::-1] for g in grey], 0))
    for a in range(6):
        for b in range(a):
            assert np.abs(means[a] - means[b]).max() > 10


def test_counts_are_exact_and_no_class_is_lost():
    assert np.bincount(labels_of(4000, (1000, 100, 10, 1))).tolist() == [
        3600,
        360,
        36,
        4,
    ]
    assert np.bincount(labels_of(20, (1000, 100, 10, 1))).tolist() == [16, 2, 1, 1]
    with pytest.raises(ValueError, match='3 pictures cannot show 4 classes'):
        labels_of(3, (1, 1, 1, 1))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp('sets') / 'incidents'
    assert write_incident_set(out, IncidentSetSettings(train=400, val=48))
    return out


def rows_of(folder, split):
    with (folder / 'labels.csv').open() as file:
        return [row for row in csv.DictReader(file) if row['split'] == split]


def test_a_written_set_has_its_shares_and_gaps(folder):
    train = rows_of(folder, 'train')
    gaps = Counter(task for row in train for task in TASKS if not row[task])
    assert all(5 <= gaps[task] <= 40 for task in TASKS)
    severities = Counter(row['severity'] for row in train)
    assert severities['critical'] == 1
    assert severities['serious'] == 4
    for task, names in TASKS.items():
        counts = Counter(row[task] for row in rows_of(folder, 'val'))
        assert counts == {name: 48 // len(names) for name in names}
    assert len(list((folder / 'images').iterdir())) == 448


def test_a_set_that_is_there_is_kept(folder):
    assert not write_incident_set(folder, IncidentSetSettings(train=400, val=48))
    with pytest.raises(FileExistsError):
        write_incident_set(folder, IncidentSetSettings(train=401, val=48))


def test_the_tool_writes_it(tmp_path):
    out = tmp_path / 'incidents'
    arguments = (str(out), '--train', '8', '--val', '12')
    run = run_tool('dataset_tools/make_synthetic.py', 'incidents', *arguments)
    assert run.returncode == 0, run.stderr
    assert '8 training and 12 validation pictures' in run.stdout
    few = (str(tmp_path / 'few'), '--train', '2', '--val', '0')
    run = run_tool('dataset_tools/make_synthetic.py', 'incidents', *few)
    assert run.returncode == 1
    assert '2 pictures cannot show 6 classes' in run.stderr


def test_configs_have_the_tasks_that_are_drawn():
    config = load_config('configs/adaptive/multi_task_uniform.py')
    assert {k: tuple(v) for k, v in config.tasks.items()} == TASKS
    heads = config.model.heads
    assert {t: heads[t].num_classes for t in heads} == {
        task: len(names) for task, names in TASKS.items()
    }


@pytest.mark.parametrize(
    ('recipe', 'flags'),
    [
        ('simple', '--balanced-sampling severity --disable-class-weights'),
        (
            'advanced',
            '--effective-class-weights '
            '--loss-types action_class ce severity focal offence ce',
        ),
        (
            'research',
            '--effective-class-weights --adaptive-weights '
            '--weighting-strategy difficulty '
            '--loss-types action_class ce severity focal offence ce',
        ),
    ],
)
def test_recipes_are_what_their_flags_say(recipe, flags):
    base = 'configs/adaptive/multi_task_uniform.py'
    run = run_tool(
        'train_tasks.py', base, '--multi-task', *flags.split(), '--print-options'
    )
    config = load_config(f'configs/adaptive/multi_task_{recipe}.py')
    for key, value in eval(run.stdout).items():
        node = config
        for part in key.split('.'):
            node = node[part]
        assert node == value, key
