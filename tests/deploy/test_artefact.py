"""An exported folder is taken as it was written, or refused in one line."""

import json
from dataclasses import replace

import pytest

from maxsight_mm.deploy.artefact import (
    FILE_NAME,
    Artefact,
    ArtefactError,
    read_artefact,
    write_artefact,
)
from tests.deploy.toy_artefact import DECODER, describe


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / 'export'
    folder.mkdir()
    (folder / 'graph.onnx').write_bytes(b'graph')
    return folder


@pytest.fixture
def written(folder):
    return write_artefact(folder, describe(graph='graph.onnx'))


def edit(folder, **changes):
    path = folder / FILE_NAME
    content = json.loads(path.read_text())
    content.update(changes)
    path.write_text(json.dumps(content))


def refusal(folder) -> str:
    with pytest.raises(ArtefactError) as caught:
        read_artefact(folder)
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_what_is_written_is_read(folder, written):
    assert read_artefact(folder) == written
    assert isinstance(written.mean, tuple) and len(written.files) == 1


def test_folder_without_description(tmp_path):
    assert FILE_NAME in refusal(tmp_path)


def test_missing_graph(folder, written):
    (folder / 'graph.onnx').unlink()
    assert "'graph.onnx' is missing" in refusal(folder)


def test_changed_graph(folder, written):
    (folder / 'graph.onnx').write_bytes(b'grapH')
    assert 'sha256' in refusal(folder)


def test_weights_beside_the_graph_are_hashed_too(folder):
    (folder / 'net.xml').write_text('<net/>')
    (folder / 'net.bin').write_bytes(b'weights')
    write_artefact(folder, describe(graph='net.xml', backend='openvino'))
    read_artefact(folder)
    (folder / 'net.bin').write_bytes(b'other')
    assert 'net.bin' in refusal(folder)


def test_weights_beside_an_openvino_graph_may_not_go_unhashed(folder, tmp_path):
    (folder / 'net.xml').write_text('<net/>')
    (folder / 'net.bin').write_bytes(b'weights')
    written = write_artefact(folder, describe(graph='net.xml', backend='openvino'))
    edit(folder, files={'net.xml': written.files['net.xml']})
    assert 'no sha256 of net.bin' in refusal(folder)
    edit(folder, files=written.files)
    (tmp_path / 'elsewhere').write_bytes(b'weights')
    (folder / 'net.bin').unlink()
    (folder / 'net.bin').symlink_to(tmp_path / 'elsewhere')
    assert 'leads out of the folder' in refusal(folder)


def test_graph_that_is_a_folder_is_hashed_file_by_file(folder):
    (folder / 'net.mlpackage' / 'Data').mkdir(parents=True)
    (folder / 'net.mlpackage' / 'Data' / 'weights').write_bytes(b'1')
    write_artefact(folder, describe(graph='net.mlpackage', backend='coreml'))
    read_artefact(folder)
    (folder / 'net.mlpackage' / 'more').write_bytes(b'2')
    assert 'no sha256 of net.mlpackage/more' in refusal(folder)


def test_graph_without_hash(folder, written):
    edit(folder, files={})
    assert 'no sha256 of graph.onnx' in refusal(folder)


@pytest.mark.parametrize('path', ['../graph.onnx', '/etc/passwd', 'in/../../x'])
def test_path_that_leaves_the_folder(folder, written, path):
    edit(folder, graph=path)
    assert 'leads out of the folder' in refusal(folder)


def test_link_that_leaves_the_folder(folder, written, tmp_path):
    (tmp_path / 'secret').write_bytes(b'graph')
    (folder / 'graph.onnx').unlink()
    (folder / 'graph.onnx').symlink_to(tmp_path / 'secret')
    assert 'leads out of the folder' in refusal(folder)


def test_hashed_file_that_leaves_the_folder(folder, written):
    edit(folder, files={**written.files, '../x': 'ab'})
    assert 'leads out of the folder' in refusal(folder)


def test_other_format_version(folder, written):
    edit(folder, format_version=2)
    assert 'format version 2' in refusal(folder)


@pytest.mark.parametrize('text', ['', '[]', '{"format_version": 1', '[' * 100_000])
def test_broken_json(folder, written, text):
    (folder / FILE_NAME).write_text(text)
    assert str(folder / FILE_NAME) in refusal(folder)


def test_absent_and_unknown_entries(folder, written):
    content = json.loads((folder / FILE_NAME).read_text())
    del content['mean']
    (folder / FILE_NAME).write_text(json.dumps(content))
    assert "lacks 'mean'" in refusal(folder)
    edit(folder, mean=[0, 0, 0], colour='red')
    assert 'unknown entries: colour' in refusal(folder)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('precision', 'fp8'),
        ('precision', ['fp32']),
        ('kind', 'boxes'),
        ('input_size', [0, 64]),
        ('input_size', [64.0, 64.0]),
        ('input_size', 64),
        ('size_range', [[64, 64]]),
        ('size_range', [[96, 64], [128, 128]]),
        ('batch_size', 0),
        ('mean', [1, 2]),
        ('mean', [1, 2, None]),
        ('mean', [1, 2, 10**400]),
        ('pad_value', float('inf')),
        ('std', [1, 0, 1]),
        ('std', [1, float('nan'), 1]),
        ('classes', []),
        ('classes', [1]),
        ('keep_ratio', 1),
        ('test_cfg', {'score_thr': 0.1}),
        ('test_cfg', 7),
        ('test_cfg', DECODER | dict(score_thr=1.5)),
        ('test_cfg', DECODER | dict(iou_threshold=-0.1)),
        ('min_safe_scores', {'urgency': 0.5, 'object_urgency': 1.5}),
        ('files', {'graph.onnx': 1}),
        ('notes', []),
    ],
)
def test_value_no_runtime_could_follow(folder, written, name, value):
    edit(folder, **{name: value})
    line = refusal(folder)
    assert name in line


def test_description_itself_refuses_the_same(written):
    with pytest.raises(ArtefactError, match='std'):
        replace(written, std=(1, 2, -3))
    assert isinstance(replace(written, std=[1, 2, 3]), Artefact)
