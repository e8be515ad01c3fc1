import json
import math

import pytest

from maxsight_mm.engine.ssod_monitor import RunRecords, read_run_records


def steps(records):
    return [record['step'] for record in records.read()]


def test_what_is_not_finite_is_written_as_null(tmp_path):
    records = RunRecords(tmp_path, 'loss')
    values = {'step': 1, 'mean': math.nan, 'rows': {'a': [math.inf, 0.5]}}
    records.append(values)
    line = records.path.read_text()
    assert json.loads(line, parse_constant=pytest.fail) == {
        'step': 1,
        'mean': None,
        'rows': {'a': [None, 0.5]},
    }


def test_a_resumed_run_writes_its_repeated_steps_once(tmp_path):
    records = RunRecords(tmp_path, 'loss')
    for step in (10, 20, 30):
        records.append({'step': step})
    with records.path.open('a') as file:
        file.write('{"step": 4')  # cut off in writing
    records.begin(20)
    assert steps(records) == [10, 20]
    records.append({'step': 30})
    assert steps(RunRecords(tmp_path, 'loss')) == [10, 20, 30]


def test_a_new_run_puts_the_records_of_an_earlier_one_aside(tmp_path):
    records = RunRecords(tmp_path, 'loss')
    records.begin(0)
    records.append({'step': 10})
    records.begin(0)
    assert steps(records) == []
    assert '"step": 10' in (tmp_path / 'ssod_monitor/loss.jsonl.old').read_text()


def test_a_folder_without_records_is_refused_in_one_line(tmp_path):
    with pytest.raises(ValueError, match='holds no records') as error:
        read_run_records(tmp_path)
    assert '\n' not in str(error.value)


def test_kinds_without_a_file_are_empty(tmp_path):
    RunRecords(tmp_path, 'loss').append({'step': 1})
    found = read_run_records(tmp_path)
    assert found['loss'] == [{'step': 1}]
    assert found['pseudo_labels'] == []
