import json
from pathlib import Path

import pytest
import torch

from maxsight_mm.engine.parameter_counts import (
    build_without_memory,
    parameters_by_part,
)
from maxsight_mm.engine.step_timing import (
    build_model,
    interleaved_ms,
    median_ratio,
)
from maxsight_mm.evaluation import TaskMetric

from ..models.toy_detector import toy_config
from .test_dataset_tools import load_tool

CONFIGS = Path(__file__).parents[2] / 'configs'
CONTEXT = dict(
    context_pass=dict(type='ToyContextPass'),
    heads=dict(glare=dict(type='ToyGlareHead', num_outputs=1, hidden_channels=4)),
)
GLARE_PARAMETERS = 8 * 4 + 4 + 4 * 1 + 1


@pytest.fixture
def tool():
    def run(name, *arguments):
        return load_tool(f'analysis_tools/{name}.py').main(list(map(str, arguments)))

    return run


@pytest.fixture
def config(tmp_path):
    """Write a config with a toy model, with or without a context stage."""

    def write(name, context_stage=None, **extra):
        model = dict(toy_config(), context_stage=context_stage)
        path = tmp_path / f'{name}.py'
        path.write_text(
            "default_scope = 'maxsight_mm'\n"
            "custom_imports = dict(imports=['tests.tools.toy_context_pass'])\n"
            f'model = {model!r}\n'
            + ''.join(f'{key} = {value!r}\n' for key, value in extra.items())
        )
        return path

    return write


def exits_in_one_line(capsys, run, *words):
    with pytest.raises(SystemExit) as stop:
        run()
    assert stop.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert all(word in lines[0] for word in words), lines[0]


def table(text):
    """Cells of each row of a markdown table, by the first cell."""
    rows = [
        [cell.strip() for cell in line.strip().strip('|').split('|')]
        for line in text.splitlines()
        if line.startswith('|')
    ]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(
    'name', ['get_params', 'tier_costs', 'print_config', 'head_table']
)
def test_missing_file_ends_in_one_line(tool, capsys, name):
    exits_in_one_line(capsys, lambda: tool(name, 'no/such.py'), name, 'no/such.py')


def test_print_config_prints_a_config_that_reads_back(tool, config, capsys, tmp_path):
    tool('print_config', config('one'), '--cfg-options', 'model.init_cfg=None')
    written = tmp_path / 'written.py'
    written.write_text(capsys.readouterr().out)
    tool('print_config', written, '--diff', config('one'))
    assert capsys.readouterr().out == '+ model.init_cfg = None\n'


def test_print_config_diff_names_new_gone_and_changed_keys(tool, config, capsys):
    base = config('base', gone=1, changed=dict(same=1, other=[1, 2]), work_dir='w')
    new = config('new', added='x', changed=dict(same=1, other=[1, 3]), work_dir='w')
    tool('print_config', new, '--diff', base)
    assert capsys.readouterr().out.splitlines() == [
        "+ added = 'x'",
        '~ changed.other = [1, 2] -> [1, 3]',
        '- gone = 1',
    ]


def test_print_config_refuses_unknown_options(tool, config, capsys):
    path = config('one')
    exits_in_one_line(
        capsys,
        lambda: tool('print_config', path, '--cfg-options', 'model.safety_pas=1'),
        'model.safety_pas',
    )


def test_parameters_are_counted_by_part(tool, config, capsys):
    tool('get_params', config('plain'), config('rich', CONTEXT), '--heads')
    rows = table(capsys.readouterr().out)
    model = build_model(str(config('rich', CONTEXT)))
    assert rows['M parameters'] == ['plain', 'rich']
    total = sum(p.numel() for p in model.parameters()) / 1e6
    assert rows['total'][1] == f'{total:.2f}'
    assert rows['safety_pass'][0] == rows['safety_pass'][1]
    assert rows['context_heads'][0] == ''
    assert set(parameters_by_part(model)) == {
        'safety_pass',
        'safety_heads',
        'context_pass.stem',
        'context_pass.pyramid_in',
        'context_heads',
    }
    assert parameters_by_part(model)['context_heads'] == GLARE_PARAMETERS


def test_counted_model_holds_nothing_and_counts_the_same(config):
    path = str(config('rich', CONTEXT))
    empty, full = build_without_memory(path), build_model(path)
    assert all(p.is_meta for p in empty.parameters())
    assert parameters_by_part(empty) == parameters_by_part(full)
    assert not torch.nn.Linear(2, 2).weight.is_meta


def test_shared_parameters_count_once():
    model = torch.nn.Module()
    model.one, model.two = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
    model.two.weight = model.one.weight
    assert parameters_by_part(model) == {'one': 9, 'two': 3}


def test_tier_is_set_beside_the_plan(tool, capsys):
    tool('get_params', CONFIGS / 'tier_t0.py')
    rows = table(capsys.readouterr().out)
    assert rows['plan'] == ['29']
    assert abs(float(rows['deviation'][0].split()[0])) < 10


def test_tier_costs_are_relative_to_the_first(tool, config, capsys, tmp_path):
    out = tmp_path / 'costs.json'
    options = ['--size', 64, '--rounds', 2, '--threads', 1, '--out', out]
    tool('tier_costs', config('plain'), config('rich', CONTEXT), *options)
    rows = table(capsys.readouterr().out)
    assert rows['config'][:3] == ['M parameters', 'forward ms', 'of first']
    assert rows['plain'][2] == rows['plain'][5] == '1.00'
    report = json.loads(out.read_text())
    for mode in ('forward', 'train'):
        figures = report['configs']['rich'][mode]
        assert figures['ms'] > 0 and figures['ratio'] > 0
        # 11 M parameters of 4 bytes are held
        assert figures['peak_mib'] is None or not figures['peak_mib'] < 42


def test_costs_of_heads_name_each(tool, config, capsys):
    options = ['--heads', '--size', 64, '--rounds', 2, '--threads', 1]
    tool('tier_costs', config('rich', CONTEXT), config('plain'), *options)
    out = capsys.readouterr().out
    millions, ms, share = table(out)['glare']
    assert float(millions) == round(GLARE_PARAMETERS / 1e6, 2)
    assert float(ms) >= 0 and 0 <= float(share) < 100
    assert '0 context heads' in out


def test_tier_costs_refuses_no_rounds(tool, config, capsys):
    run = lambda: tool('tier_costs', config('plain'), '--rounds', 0)  # noqa: E731
    exits_in_one_line(capsys, run, '--rounds')


def test_steps_take_turns_in_turning_order():
    order = []
    steps = [lambda: order.append('a'), lambda: order.append('b')]
    times = interleaved_ms(steps, rounds=2)
    assert ''.join(order[-4:]) == 'abba'
    assert [len(own) for own in times] == [2, 2]


def test_median_ratio_is_of_neighbouring_runs():
    assert median_ratio([2, 30, 8], [1, 10, 8]) == 2


@pytest.fixture
def results(tmp_path):
    """Write what TaskMetric writes of one image's glare."""

    def write(name, answer):
        metric = TaskMetric(outfile_prefix=str(tmp_path / name / 'test'))
        sample = {
            'gt_tasks': {'glare': torch.tensor([0.5])},
            'pred_tasks': {'glare_scores': torch.tensor([answer])},
        }
        unanswered = {'gt_tasks': {'glare': torch.tensor([0.1])}}
        metric.process(None, [sample, unanswered])
        metric.compute_metrics(metric.results)
        return tmp_path / name / 'test.tasks.json'

    return write


def test_head_table_holds_what_the_metric_wrote(tool, results, tmp_path, capsys):
    out = tmp_path / 'new' / 'heads.md'
    tool('head_table', results('a', 0.75), '--out', out)
    assert out.read_text().splitlines() == [
        '| head | metric | value | baseline | which is | margin | cases |',
        '| --- | --- | --- | --- | --- | --- | --- |',
        '| glare | mae | 0.250 | 0.000 | median | -0.250 | 1 of 2 |',
        '| glare | spearman | - | 0.000 | no order | - | 1 of 2 |',
    ]
    assert '1 heads' in capsys.readouterr().out


def test_head_table_sets_runs_under_each_other(tool, results, capsys):
    paths = [results('a', 0.75), results('b', 0.5)]
    tool('head_table', *paths)
    rows = table(capsys.readouterr().out)
    assert rows['run'][0] == 'head'
    assert set(rows) == {'run', '---', *map(str, paths)}


@pytest.mark.parametrize(
    'content', ['', '[]', '{"tasks": {"glare": {}}}', '{"tasks": 3}', '{"x": 1}']
)
def test_head_table_refuses_other_files(tool, tmp_path, capsys, content):
    path = tmp_path / 'other.json'
    path.write_text(content)
    exits_in_one_line(capsys, lambda: tool('head_table', path), 'other.json')
    exits_in_one_line(capsys, lambda: tool('head_table', tmp_path), 'is a folder')


def test_size_table_says_what_fits_and_how_much_is_too_much(tool, config, capsys):
    from maxsight_mm.engine.parameter_counts import build_without_memory

    path = config('toy')
    millions = (
        sum(p.numel() for p in build_without_memory(str(path)).parameters()) / 1e6
    )
    tool('size_table', path, '--limit-mb', 1.5 * millions)
    row = table(capsys.readouterr().out)['toy']
    assert [float(cell) for cell in row[1:5]] == pytest.approx(
        [4 * millions, 2 * millions, millions, millions / 2], abs=0.06
    )
    assert row[5] == 'INT8'
    tool('size_table', path, '--limit-mb', millions / 4)
    assert table(capsys.readouterr().out)['toy'][5] == '4.0 x at INT8'
