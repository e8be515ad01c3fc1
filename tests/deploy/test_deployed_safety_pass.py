"""An exported toy answers as its model does, in both runtimes, or not at all."""

import json
import warnings
from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from maxsight_mm.deploy.artefact import ArtefactError, read_artefact, write_artefact
from maxsight_mm.deploy.deployed_safety_pass import (
    DeployedSafetyPass,
    preparation_of_artefact,
)
from maxsight_mm.deploy.parity import check_parity
from maxsight_mm.inference import SafetyInferencer
from tests.deploy.toy_artefact import export_scores
from tests.engine.squares import make_config, write_squares
from tests.models.toy_detector import build_toy

onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')
pytest.importorskip('openvino')
BACKENDS = ('onnxruntime', 'openvino')
# Of exporting by tracing.
pytestmark = pytest.mark.filterwarnings('ignore')


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """Pictures, a checkpoint, and exports of it: static and dynamic."""
    place = tmp_path_factory.mktemp('deployed')
    write_squares(place / 'pictures')
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        detector = build_toy().eval()
        torch.save(dict(state_dict=detector.state_dict()), place / 'toy.pth')
        detector.decoder.score_thr = 0.002
        export_scores(detector, place / 'static')
        sizes = dict(size_range=((64, 64), (96, 128)), keep_ratio=True)
        export_scores(detector, place / 'dynamic', is_dynamic=True, **sizes)
    return place


@pytest.fixture
def inferencer(place, tmp_path):
    config = make_config(place / 'pictures', tmp_path, 1)
    config.model.test_cfg = dict(score_thr=0.002)

    def build(folder='static') -> SafetyInferencer:
        preparation = preparation_of_artefact(read_artefact(place / folder))
        return SafetyInferencer(config, place / 'toy.pth', preparation=preparation)

    return build


@pytest.fixture
def copied(place, tmp_path):
    folder = tmp_path / 'copy'
    folder.mkdir()
    for path in (place / 'static').iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('folder', ['static', 'dynamic'])
def test_says_what_the_model_says(place, inferencer, backend, folder):
    deployed = DeployedSafetyPass(place / folder, threads=1, backend=backend)
    large = cv2.resize(cv2.imread(str(place / 'pictures' / '4.png')), (300, 200))
    pictures = [*sorted((place / 'pictures').glob('*.png')), large]
    report = check_parity(inferencer(folder), deployed, pictures)
    assert report.passed, report.table()
    assert report.detections > 20


@pytest.mark.parametrize('backend', BACKENDS)
def test_answers_are_not_overwritten_by_the_next(place, backend):
    deployed = DeployedSafetyPass(place / 'static', threads=1, backend=backend)
    paths = sorted((place / 'pictures').glob('*.png'))
    together = deployed(paths)
    for path, answer in zip(paths, together, strict=True):
        (alone,) = deployed(path)
        np.testing.assert_array_equal(alone.boxes, answer.boxes)
        np.testing.assert_array_equal(
            alone.image_urgency_scores, answer.image_urgency_scores
        )


def test_wrong_colours_do_not_pass_parity(place, copied, inferencer):
    artefact = replace(read_artefact(copied), bgr_to_rgb=True)
    write_artefact(copied, artefact)
    report = check_parity(
        inferencer(),
        DeployedSafetyPass(copied, threads=1),
        sorted((place / 'pictures').glob('*.png')),
    )
    assert not report.passed


def test_unreadable_picture_is_unavailable(place):
    deployed = DeployedSafetyPass(place / 'static', threads=1)
    answers = deployed(['nowhere.png', place / 'pictures' / '0.png'])
    assert [answer.status == 'unavailable' for answer in answers] == [True, False]


def test_numbers_that_are_not_finite_are_unavailable(place, monkeypatch):
    deployed = DeployedSafetyPass(place / 'static', threads=1)
    session = deployed.session

    def broken(images):
        outputs = session(images)
        # One location of many, which the decoder alone would pass over.
        outputs['scores'][0, 3] = np.nan
        return outputs

    monkeypatch.setattr(deployed, 'session', broken)
    (answer,) = deployed(place / 'pictures' / '0.png')
    assert answer.status == 'unavailable' and 'not finite' in answer.error


def test_size_outside_the_range_is_one_line(place):
    tall = np.zeros((200, 100, 3), np.uint8)
    # A square scale: the long edge becomes 64 and the input 64 x 32.
    (answer,) = DeployedSafetyPass(place / 'dynamic', threads=1)(tall)
    assert answer.status == 'unavailable'
    assert answer.error.endswith('takes 64 x 64 to 96 x 128 (height x width)')
    strict = DeployedSafetyPass(place / 'dynamic', threads=1, strict=True)
    with pytest.raises(ValueError, match='becomes an input of 64 x 32'):
        strict(tall)


def test_padding_is_warned_of_once(copied):
    write_artefact(copied, replace(read_artefact(copied), keep_ratio=True))
    deployed = DeployedSafetyPass(copied, threads=1)
    narrow = np.zeros((64, 32, 3), np.uint8)
    with pytest.warns(UserWarning, match='fills 50% of the 64 x 64 input'):
        deployed(narrow)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        deployed([narrow, np.zeros((64, 62, 3), np.uint8)])


def test_backend_that_does_not_run_here(copied):
    write_artefact(copied, replace(read_artefact(copied), backend='coreml'))
    with pytest.raises(ArtefactError, match='exported for coreml'):
        DeployedSafetyPass(copied)


@pytest.mark.parametrize('backend', BACKENDS)
def test_device_that_is_not_there(place, backend):
    with pytest.raises(ValueError, match="'abacus'"):
        DeployedSafetyPass(place / 'static', device='abacus', backend=backend)


@pytest.mark.parametrize('backend', BACKENDS)
def test_file_that_is_no_graph(copied, backend):
    (copied / 'scores.onnx').write_bytes(b'no graph at all')
    write_artefact(copied, read_without_check(copied))
    with pytest.raises(ValueError, match=r'scores\.onnx'):
        DeployedSafetyPass(copied, backend=backend)


@pytest.mark.parametrize('backend', BACKENDS)
def test_graph_of_the_other_kind(copied, backend):
    write_artefact(copied, replace(read_artefact(copied), kind='detections'))
    with pytest.raises(ArtefactError, match='lacks the outputs dets'):
        DeployedSafetyPass(copied, backend=backend)


@pytest.mark.parametrize('backend', BACKENDS)
def test_graph_with_another_input(copied, backend):
    write_artefact(copied, replace(read_artefact(copied), input_name='pixels'))
    with pytest.raises(ValueError, match='pixels'):
        DeployedSafetyPass(copied, backend=backend)


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize(
    'changes',
    [
        dict(input_size=(64, 96)),
        dict(batch_size=2),
        dict(size_range=((64, 64), (96, 128))),
    ],
)
def test_graph_of_another_size_than_described(copied, changes, backend):
    write_artefact(copied, replace(read_artefact(copied), **changes))
    with pytest.raises(ArtefactError, match='its description says'):
        DeployedSafetyPass(copied, backend=backend)


@pytest.mark.parametrize('backend', BACKENDS)
def test_graph_under_a_name_that_hides_its_weights(copied, backend):
    (copied / 'scores.onnx').rename(copied / 'scores.graph')
    write_artefact(copied, replace(read_without_check(copied), graph='scores.graph'))
    with pytest.raises(ArtefactError, match=f'which {backend} takes'):
        DeployedSafetyPass(copied, backend=backend)


def test_openvino_reads_the_weights_that_were_hashed(copied):
    import openvino

    model = openvino.convert_model(copied / 'scores.onnx')
    openvino.save_model(model, copied / 'own.xml', compress_to_fp16=False)
    # OpenVINO would look for weights beside the link.
    (copied / 'net.xml').symlink_to(copied / 'own.xml')
    (copied / 'net.bin').write_bytes(bytes((copied / 'own.bin').stat().st_size))
    changes = dict(graph='net.xml', backend='openvino')
    write_artefact(
        copied, replace(read_artefact(copied), **changes), ['own.xml', 'own.bin']
    )
    content = read_without_check(copied)
    files = {n: x for n, x in content.files.items() if n != 'net.bin'}
    text = json.dumps(asdict(replace(content, files=files)))
    (copied / 'deploy.json').write_text(text)
    (linked,) = DeployedSafetyPass(copied)(np.zeros((64, 64, 3), np.uint8))
    write_artefact(copied, replace(content, graph='scores.onnx'))
    (plain,) = DeployedSafetyPass(copied)(np.zeros((64, 64, 3), np.uint8))
    np.testing.assert_allclose(linked.uncertainty, plain.uncertainty, rtol=1e-4)


def test_openvino_computes_in_float32_unless_told_otherwise(copied):
    def precision():
        model = DeployedSafetyPass(copied, backend='openvino').session.model
        return model.get_property('INFERENCE_PRECISION_HINT').get_type_name()

    assert precision() == 'f32'
    # An INT8 graph has float layers, too.
    for name, expected in dict(bf16='bf16', fp16='f32', int8='f32').items():
        write_artefact(copied, replace(read_artefact(copied), precision=name))
        assert precision() == expected


@pytest.mark.parametrize('location', ['../weights', '/etc/hostname', 'unknown'])
@pytest.mark.parametrize('backend', BACKENDS)
def test_weights_outside_the_export_are_refused(copied, location, backend):
    move_weights(copied, 'weights')
    artefact = write_artefact(copied, read_without_check(copied), ['weights'])
    assert set(artefact.files) == {'scores.onnx', 'weights'}
    (answer,) = DeployedSafetyPass(copied, backend=backend)(
        np.zeros((64, 64, 3), np.uint8)
    )
    assert answer.is_available
    (copied / 'unknown').write_bytes((copied / 'weights').read_bytes())
    (copied.parent / 'weights').write_bytes((copied / 'weights').read_bytes())
    point_at(copied, location)
    write_artefact(copied, read_without_check(copied), ['weights'])
    with pytest.raises(ValueError, match='is refused'):
        DeployedSafetyPass(copied, backend=backend)


def read_without_check(folder):
    from maxsight_mm.deploy.artefact import FILE_NAME, Artefact

    return Artefact(**json.loads((folder / FILE_NAME).read_text()))


def move_weights(folder, name):
    model = onnx.load(folder / 'scores.onnx')
    onnx.save(
        model,
        folder / 'scores.onnx',
        save_as_external_data=True,
        location=name,
        size_threshold=0,
    )


def point_at(folder, location):
    model = onnx.load(folder / 'scores.onnx', load_external_data=False)
    for entry in model.graph.initializer[-1].external_data:
        if entry.key == 'location':
            entry.value = location
    (folder / 'scores.onnx').write_bytes(model.SerializeToString())
