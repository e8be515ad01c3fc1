import json

import pytest

from tests.tool_run import run_tool
from tests.toy_predictions import toy_predictions

TOOL = 'analysis_tools/classification_report.py'


@pytest.fixture
def write(tmp_path):
    def build(name, **settings):
        path = tmp_path / f'{name}.json'
        path.write_text(json.dumps(toy_predictions(**settings)))
        return str(path)

    return build


@pytest.fixture
def report(tmp_path):
    def run(predictions, *more, task='risk', unsafe='unsafe', miss_cost='20'):
        out = tmp_path / 'report'
        options = ('--task', task, '--unsafe', unsafe, '--out', str(out))
        options += ('--miss-cost', miss_cost, '--false-alarm-cost', '1')
        return run_tool(TOOL, predictions, *options, *more), out

    return run


def test_fits_on_the_one_and_judges_the_other(write, report):
    run, out = report(
        write('test'),
        *('--calibrate', write('val', seed=1), '--currency', 'EUR'),
        *('--images-per-year', '250000', '--subgroups', 'site'),
        *('--review', '0.05', '0.6'),
    )
    assert run.returncode == 0, run.stderr
    assert 'unsafe images' in run.stdout and 'EUR' in run.stdout
    assert run.stdout.splitlines()[-1] == str(out / 'report.html')
    metrics = json.loads((out / 'metrics.json').read_text())
    assert not metrics['fitted']['cross_fitted'] and metrics['subgroups']['site']
    assert metrics['policies']['threshold']['cost_per_year'] > 0
    decision = json.loads((out / 'decision.json').read_text())
    assert decision['review'] == {'low': 0.05, 'high': 0.6}
    assert decision['model'] == 'abcdef012345'
    assert 0 < decision['threshold'] < 1 < decision['temperature'] + 1


def test_cross_fits_without_other_predictions(write, report):
    run, out = report(write('test'), '--threshold', 'break_even')
    assert run.returncode == 0, run.stderr
    decision = json.loads((out / 'decision.json').read_text())
    assert decision['threshold'] == pytest.approx(1 / 21)
    assert json.loads((out / 'metrics.json').read_text())['fitted']['cross_fitted']
    assert 'cross-fitted' in (out / 'report.md').read_text()


@pytest.mark.parametrize(
    ('more', 'words'),
    [
        (dict(task='rsk'), "no task 'rsk'"),
        (dict(unsafe='bad'), "no class 'bad'"),
        (dict(miss_cost='-1'), 'must be finite'),
        (dict(miss_cost='nan'), 'must be finite'),
    ],
)
def test_wrong_settings_end_in_one_line(write, report, more, words):
    run, out = report(write('test'), **more)
    assert run.returncode == 2 and not out.exists()
    assert run.stderr.startswith('classification_report: ') and words in run.stderr
    assert run.stderr.count('\n') == 1


@pytest.mark.parametrize(
    ('option', 'words'),
    [
        (('--subgroups', 'town'), "no image has a group 'town'"),
        (('--review', '0.6', '0.1'), 'review must be a range'),
        (('--calibrate', 'none.json'), 'none.json'),
    ],
)
def test_wrong_options_end_in_one_line(write, report, option, words):
    run, out = report(write('test'), *option)
    assert run.returncode == 2 and not out.exists()
    assert words in run.stderr and run.stderr.count('\n') == 1


def test_files_that_are_no_predictions_end_in_one_line(write, report, tmp_path):
    other = tmp_path / 'other.json'
    other.write_text('{"version": 1}')
    for path, words in ((other, 'lacks tasks'), (tmp_path, 'is a folder')):
        run, _ = report(str(path))
        assert run.returncode == 2 and words in run.stderr
        assert run.stderr.count('\n') == 1


@pytest.mark.parametrize('number', ['0', '-3', 'nan', 'inf'])
def test_images_per_year_must_be_a_number(write, report, number):
    run, _ = report(write('test'), '--images-per-year', number)
    assert run.returncode == 2 and 'more than 0' in run.stderr
