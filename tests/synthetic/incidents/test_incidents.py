import csv
from collections import Counter

import cv2
import numpy as np
import pytest

from maxsight_mm.datasets.image_task_dataset import ImageTaskDataset
from maxsight_mm.synthetic.incidents import TASKS, draw_incident, incident_world
from maxsight_mm.synthetic.incidents.incident_dataset import (
    SHARES,
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


def test_bystanders_leave_the_mark_as_it_is(monkeypatch):
    """They are drawn from a stream of their own, behind the players."""
    seeds = range(20)
    with_them = [draw_incident(labels(3, 2), s) for s in seeds]
    monkeypatch.setattr(incident_world, '_bystanders', lambda image, rng: None)
    without = [draw_incident(labels(3, 2), s) for s in seeds]
    changed = 0
    for one, other in zip(with_them, without, strict=True):
        # Noise makes a pixel or two of a coat or cone pass for the mark.
        assert len(mark(one)) == pytest.approx(len(mark(other)), abs=5)
        changed += (one != other).any()
    assert changed >= 5


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


def test_the_default_set_is_imbalanced_in_training_and_even_in_validation():
    settings = IncidentSetSettings()
    ratios = {'action_class': 10, 'offence': 5}
    for task, names in TASKS.items():
        train = np.bincount(labels_of(settings.train, SHARES[task]))
        assert train.sum() == settings.train
        if task in ratios:
            assert train.max() / train.min() == pytest.approx(ratios[task], rel=0.01)
        val = np.bincount(labels_of(settings.val, (1,) * len(names)))
        assert val.tolist() == [settings.val // len(names)] * len(names)


@pytest.mark.parametrize('task', SHARES)
def test_every_class_has_a_picture_however_few_there_are(task):
    for total in range(len(SHARES[task]), 60):
        counts = np.bincount(labels_of(total, SHARES[task]))
        assert counts.sum() == total
        assert len(counts) == len(SHARES[task])
        assert counts.min() >= 1


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


def test_the_rarest_severities_are_never_unlabelled(folder):
    named = Counter(row['severity'] for row in rows_of(folder, 'train'))
    counts = np.bincount(labels_of(400, SHARES['severity']))
    assert [named['serious'], named['critical']] == counts[2:].tolist()
    assert named['none'] + named['minor'] + named[''] == counts[:2].sum()


def test_an_empty_cell_is_no_label(folder):
    tasks = dict(tasks=TASKS, data_root=str(folder), ann_file='labels.csv')
    dataset = ImageTaskDataset(**tasks, where=dict(split='train'), pipeline=[])
    for index, row in enumerate(rows_of(folder, 'train')):
        known = {
            task: names.index(row[task]) for task, names in TASKS.items() if row[task]
        }
        assert dataset.get_data_info(index)['gt_tasks'] == known


def test_a_seed_writes_the_same_files_again_and_another_others(tmp_path):
    settings = dict(train=30, val=12)
    for name, seed in (('one', 3), ('two', 3), ('other', 4)):
        write_incident_set(tmp_path / name, IncidentSetSettings(**settings, seed=seed))
    files = {
        name: {p.name: p.read_bytes() for p in sorted((tmp_path / name).rglob('*.*g'))}
        for name in ('one', 'two', 'other')
    }
    tables = {n: (tmp_path / n / 'labels.csv').read_bytes() for n in files}
    assert len(files['one']) == 42
    assert files['one'] == files['two']
    assert tables['one'] == tables['two'] != tables['other']
    assert all(files['one'][n] != files['other'][n] for n in files['one'])


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
