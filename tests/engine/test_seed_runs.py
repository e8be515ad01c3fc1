import json
from pathlib import Path

import pytest

from maxsight_mm.engine.seed_runs import (
    FIGURES_FILE,
    last_validation,
    mean_and_spread,
    plan_runs,
    seed_tables,
    train_missing,
)

# Logs two validations; the last AP is seed / 10. Fails for a config named broken.
TRAIN = """
import json, pathlib, sys
config, folder, option = sys.argv[1], pathlib.Path(sys.argv[3]), sys.argv[-1]
print('resumed' if '--resume' in sys.argv else 'fresh', option)
if 'broken' in config:
    sys.exit(3)
seed = int(sys.argv[sys.argv.index('--cfg-options') + 1].split('=')[1])
out = folder / '20260101_000000' / 'vis_data'
out.mkdir(parents=True, exist_ok=True)
rows = [{'det/mAP': 0.0}, {'det/mAP': seed / 10, 'det/AP/a': 1.0}, {'loss': 1}]
(out / 'scalars.json').write_text('\\n'.join(map(json.dumps, rows)))
"""


@pytest.fixture
def configs(tmp_path) -> list[Path]:
    paths = [tmp_path / 'one.py', tmp_path / 'broken.py']
    for path in paths:
        path.write_text('')
    return paths


@pytest.fixture
def script(tmp_path) -> Path:
    path = tmp_path / 'train_script'
    path.write_text(TRAIN)
    return path


def test_every_config_runs_with_every_seed_and_failures_are_told(
    configs, script, tmp_path
):
    runs = plan_runs(configs, [1, 3], tmp_path / 'out')
    ended = list(train_missing(runs, script, ['x=1'], jobs=2))
    assert [(run.config.stem, run.seed, status) for run, status in ended] == [
        ('one', 1, 0),
        ('broken', 1, 3),
        ('one', 3, 0),
        ('broken', 3, 3),
    ]
    assert (runs[0].folder / 'train.log').read_text() == 'fresh x=1\n'
    assert runs[2].figures['det/mAP'] == 0.3
    assert seed_tables(runs, 'det/mAP') == [
        [
            ['config', 'seeds', 'mAP'],
            ['one', '2', '0.200 ± 0.141'],
            ['broken', '0', '-'],
        ]
    ]
    assert seed_tables(runs, 'det/AP/')[0][1] == ['one', '2', '1.000 ± 0.000']


def test_finished_runs_are_kept_and_interrupted_ones_resumed(configs, script, tmp_path):
    runs = plan_runs(configs[:1], [1, 2], tmp_path / 'out')
    for run in runs:
        run.folder.mkdir(parents=True)
    (runs[0].folder / FIGURES_FILE).write_text('{"det/mAP": 0.9}')
    (runs[1].folder / 'last_checkpoint').write_text('iter_10.pth')
    ended = [run.seed for run, _ in train_missing(runs, script, [], jobs=1)]
    assert ended == [2]
    assert (runs[1].folder / 'train.log').read_text().startswith('resumed')
    assert runs[0].figures == {'det/mAP': 0.9}


def test_other_options_in_the_same_folder_are_refused(configs, script, tmp_path):
    runs = plan_runs(configs[:1], [1], tmp_path / 'out')
    assert len(list(train_missing(runs, script, ['x=1'], jobs=1))) == 1
    assert not list(train_missing(runs, script, ['x=1'], jobs=1))
    with pytest.raises(ValueError, match='another config or other options'):
        list(train_missing(runs, script, ['x=2'], jobs=1))
    configs[0].write_text('y = 3')
    with pytest.raises(ValueError, match='another config or other options'):
        list(train_missing(runs, script, ['x=1'], jobs=1))


def test_configs_with_other_classes_have_a_table_of_their_own(configs, tmp_path):
    runs = plan_runs(configs, [1, 2], tmp_path / 'out')
    for run in runs:
        run.folder.mkdir(parents=True)
        name = 'det/AP/' + ('a' if run.config.stem == 'one' else 'b')
        (run.folder / FIGURES_FILE).write_text(json.dumps({name: run.seed / 10}))
    assert seed_tables(runs, 'det/AP/') == [
        [['config', 'seeds', 'a'], ['one', '2', '0.150 ± 0.071']],
        [['config', 'seeds', 'b'], ['broken', '2', '0.150 ± 0.071']],
    ]


def test_a_missing_config_and_two_of_one_name_are_refused(configs, tmp_path):
    with pytest.raises(FileNotFoundError, match='none.py does not exist'):
        plan_runs([tmp_path / 'none.py'], [0], tmp_path)
    (tmp_path / 'sub').mkdir()
    twin = tmp_path / 'sub' / 'one.py'
    twin.write_text('')
    with pytest.raises(ValueError, match='two configs have one name'):
        plan_runs([configs[0], twin], [0], tmp_path)


def test_without_a_validation_there_is_no_figure(tmp_path):
    out = tmp_path / '20260101_000000' / 'vis_data'
    out.mkdir(parents=True)
    (out / 'scalars.json').write_text(json.dumps({'loss': 1.0}))
    with pytest.raises(ValueError, match='no validation is logged'):
        last_validation(tmp_path)


def test_one_seed_has_no_spread():
    assert mean_and_spread([0.25]) == '0.250'


def test_seeds_without_a_figure_are_counted_apart():
    nan = float('nan')
    assert mean_and_spread([0.25, nan, nan]) == '0.250 (1 of 3)'
    assert mean_and_spread([0.2, nan, 0.2]) == '0.200 ± 0.000 (2 of 3)'
    assert mean_and_spread([nan, nan]) == '-'
