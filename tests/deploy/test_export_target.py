"""An export appears whole or not at all, and touches nobody else's files."""

import json

import pytest

from maxsight_mm.deploy.export_target import new_export


def write(place, text='graph'):
    (place / 'graph.onnx').write_text(text)
    (place / 'deploy.json').write_text(json.dumps(dict(files={'graph.onnx': '0'})))


def test_a_new_folder_holds_what_was_written(tmp_path):
    with new_export(tmp_path / 'a' / 'b') as place:
        write(place)
        assert not (tmp_path / 'a').exists()
    assert (tmp_path / 'a' / 'b' / 'graph.onnx').read_text() == 'graph'


def test_what_fails_leaves_nothing_and_an_earlier_export_as_it_was(tmp_path):
    folder = tmp_path / 'export'
    for _ in range(2):
        with pytest.raises(ValueError), new_export(folder) as place:
            write(place, 'half')
            raise ValueError
        assert not folder.exists() or (folder / 'graph.onnx').read_text() == 'whole'
        if not folder.exists():
            with new_export(folder) as place:
                write(place, 'whole')


def test_an_earlier_export_is_replaced_with_all_its_files(tmp_path):
    folder = tmp_path / 'export'
    with new_export(folder) as place:
        write(place)
    (folder / 'parity.json').write_text('{}')
    with new_export(folder) as place:
        (place / 'deploy.json').write_text('{}')
    assert [path.name for path in folder.iterdir()] == ['deploy.json']


def test_an_int8_export_is_replaced_with_its_measurements(tmp_path):
    folder = tmp_path / 'export'
    with new_export(folder) as place:
        write(place)
        (place / 'quantization.json').write_text('{}')
    with new_export(folder) as place:
        write(place, 'newer')
    assert sorted(path.name for path in folder.iterdir()) == [
        'deploy.json',
        'graph.onnx',
    ]


def test_a_graph_without_description_and_proof_is_somebody_elses(tmp_path):
    (tmp_path / 'end2end.onnx').write_text('mine')
    with (
        pytest.raises(ValueError, match=r'end2end\.onnx, which is of no export'),
        new_export(tmp_path),
    ):
        raise AssertionError
    (tmp_path / 'parity.json').write_text('{}')
    with new_export(tmp_path) as place:
        write(place)
    assert not (tmp_path / 'end2end.onnx').exists()


@pytest.mark.parametrize('description', [None, '{}', 'broken', '[]'])
def test_files_of_somebody_else_are_kept_and_named(tmp_path, description):
    (tmp_path / 'holiday.jpg').write_text('sea')
    if description is not None:
        (tmp_path / 'deploy.json').write_text(description)
    with (
        pytest.raises(ValueError, match=r'holiday\.jpg, which is of no export'),
        new_export(tmp_path),
    ):
        raise AssertionError
    assert (tmp_path / 'holiday.jpg').read_text() == 'sea'


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / 'x').write_text('')
    with pytest.raises(ValueError, match='is a file'), new_export(tmp_path / 'x'):
        raise AssertionError
