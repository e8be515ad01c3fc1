"""A whole toy T5 in ONNX Runtime: parity over a stream, isolation, standard form."""

import json
import shutil

import numpy as np
import pytest
import torch

pytest.importorskip('mmdeploy', reason='needs the export extra')
pytest.importorskip('onnxruntime', reason='needs the export extra')

import onnx
import onnxruntime

from maxsight_mm.deploy.artefact import ArtefactError, write_artefact
from maxsight_mm.deploy.artefact_rules import DECODER_SETTINGS
from maxsight_mm.deploy.context_graph import (
    AUDIO_INPUTS,
    AVAILABLE,
    NEXT,
    ContextGraph,
)
from maxsight_mm.deploy.context_onnx import export_context_onnx
from maxsight_mm.deploy.deployed_safety_pass import DeployedSafetyPass
from maxsight_mm.deploy.deployed_tier import DeployedTier
from maxsight_mm.deploy.parity import check_parity
from maxsight_mm.deploy.safety_graph import Detections
from maxsight_mm.deploy.tier_parity import MIN_FRAMES, check_tier
from tests.deploy.exporting import deploy_config
from tests.deploy.exporting import exported as exported_detections
from tests.deploy.spread_tier import SIZE, spread_tier, stream_of
from tests.deploy.toy_artefact import describe

pytestmark = pytest.mark.slow
FRAMES = 12


@pytest.fixture(scope='module')
def exported(tmp_path_factory):
    """The graph, its file and its session."""
    # A full search makes the export a minute longer and nothing else.
    motion = dict(type='MotionHead', hidden_channels=8, radius=1)
    tier = spread_tier(motion=motion)
    graph = ContextGraph(tier)
    path = tmp_path_factory.mktemp('tier') / 'tier.onnx'
    export_context_onnx(graph, SIZE, path)
    return tier, graph, path, onnxruntime.InferenceSession(path)


@pytest.fixture(scope='module')
def folder(exported, tmp_path_factory):
    """The file with its description."""
    tier, _, path, _ = exported
    folder = tmp_path_factory.mktemp('export')
    shutil.copy(path, folder / 'tier.onnx')
    decoder = {name: getattr(tier.decoder, name) for name in DECODER_SETTINGS}
    changes = dict(kind='full', graph='tier.onnx', input_size=SIZE, test_cfg=decoder)
    write_artefact(folder, describe(**changes))
    return folder


def pictures(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (*SIZE, 3), np.uint8) for _ in range(count)]


def test_a_folder_is_run_frame_by_frame_with_its_memory(exported, folder):
    _, graph, _, _ = exported
    tier = DeployedTier(folder, strict=True)
    assert set(tier.memory) == set(graph.memory_names)
    assert set(tier.given) == {'user', *AUDIO_INPUTS}
    picture = pictures(1)[0]
    (answer,) = tier(picture)
    first = tier.context
    assert len(answer.boxes) > 5
    assert not any(name.startswith(NEXT) for name in first)
    assert first['free_path_scores'].shape == (1, 3)
    tier(np.roll(picture, 4, axis=1))
    moved = tier.context['motion_flow']
    assert not np.allclose(moved, first['motion_flow'])
    tier.forget()
    tier(picture)
    np.testing.assert_array_equal(tier.context['motion_flow'], first['motion_flow'])


def test_a_broken_memory_is_forgotten_and_the_safety_answer_stays(folder):
    tier = DeployedTier(folder, strict=True)
    picture = pictures(1)[0]
    (whole,) = tier(picture)
    tier.memory['lstm_cell'] = np.full_like(tier.memory['lstm_cell'], np.nan)
    (answer,) = tier(picture)
    assert tier.context is None
    np.testing.assert_array_equal(answer.boxes, whole.boxes)
    tier(picture)
    assert tier.context is not None


def test_parity_over_a_stream_passes_and_finds_other_weights_out(exported, folder):
    tier, graph, _, _ = exported
    candidate = DeployedTier(folder)
    safety = check_parity(candidate, candidate, pictures(2))
    report = check_tier(graph, candidate, pictures(2), safety)
    assert report.passed, report.table()
    assert report.frames == MIN_FRAMES
    report.write(folder)
    assert json.loads((folder / 'parity.json').read_text())['passed']
    other = ContextGraph(tier)
    with torch.no_grad():
        other.temporal.to_pooled.bias.add_(0.01)
    assert not check_tier(other, candidate, pictures(2), safety).passed


def test_each_kind_of_folder_has_its_runner(folder, tmp_path):
    with pytest.raises(ArtefactError, match='run by DeployedTier'):
        DeployedSafetyPass(folder)
    shutil.copy(folder / 'tier.onnx', tmp_path / 'tier.onnx')
    write_artefact(tmp_path, describe(graph='tier.onnx'))
    with pytest.raises(ArtefactError, match='run by DeployedSafetyPass'):
        DeployedTier(tmp_path)


def run(session, inputs: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    names = [node.name for node in session.get_outputs()]
    feeds = {name: value.numpy() for name, value in inputs.items()}
    return dict(zip(names, session.run(names, feeds), strict=True))


def stream_inputs(graph, tier) -> dict[str, torch.Tensor]:
    second = torch.rand(1, 2, 16_000, generator=torch.Generator().manual_seed(6)) - 0.5
    inputs = graph.example_inputs(SIZE) | tier.context_stage.audio_features(second)
    return inputs | dict(user=torch.full((1, 8), 0.7))


def test_a_stream_is_answered_as_in_pytorch_with_the_memory_carried(exported):
    tier, graph, _, session = exported
    ours = stream_inputs(graph, tier)
    theirs = dict(ours)
    frames, _ = stream_of(FRAMES)
    for frame in frames:
        ours['input'] = theirs['input'] = frame[None]
        with torch.no_grad():
            wanted = graph(ours)
        found = run(session, theirs)
        assert set(found) == set(wanted)
        assert found[AVAILABLE].all()
        for name, value in wanted.items():
            expected = value.numpy()
            if not np.issubdtype(expected.dtype, np.floating):
                np.testing.assert_array_equal(found[name], expected, err_msg=name)
                continue
            gap = np.abs(found[name] - expected).max(initial=0)
            assert gap <= 1e-4 * max(np.abs(expected).max(initial=0), 1e-2), name
        for name in graph.memory_names:
            ours[name] = wanted[f'{NEXT}{name}']
            theirs[name] = torch.from_numpy(found[f'{NEXT}{name}'])
    assert (found['labels'] >= 0).sum() > 20
    assert found['sound_event_available'].all()
    assert found[f'{NEXT}frames_seen'] == FRAMES


def test_safety_answers_are_those_of_the_safety_graph_to_the_bit(exported, tmp_path):
    tier, graph, _, session = exported
    path = tmp_path / 'end2end.onnx'
    config = deploy_config('onnxruntime_static')
    alone = exported_detections(tier, config, path, SIZE)
    inputs = stream_inputs(graph, tier)
    frames, _ = stream_of(5)
    for frame in frames:
        inputs['input'] = frame[None]
        found = run(session, inputs)
        wanted = run(alone, dict(input=frame[None]))
        for name in Detections._fields:
            np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)


def test_nothing_but_the_frame_reaches_a_safety_answer(exported):
    tier, graph, _, session = exported
    inputs = stream_inputs(graph, tier)
    whole = run(session, inputs)
    for name, value in inputs.items():
        if name == 'input' or not value.is_floating_point():
            continue
        broken = run(session, inputs | {name: torch.full_like(value, torch.nan)})
        for field in Detections._fields:
            np.testing.assert_array_equal(broken[field], whole[field], err_msg=name)
    memory = torch.full_like(inputs['lstm_cell'], torch.nan)
    assert not run(session, inputs | dict(lstm_cell=memory))[AVAILABLE].any()


def test_the_file_is_standard_static_and_tells_nothing_of_its_maker(exported):
    _, graph, path, session = exported
    model = onnx.load(path)
    assert {node.domain for node in model.graph.node} <= {''}
    assert not model.functions
    for node in (*session.get_inputs(), *session.get_outputs()):
        assert all(isinstance(side, int) for side in node.shape), node.name
    names = [node.name for node in session.get_inputs()]
    assert names == list(graph.example_inputs(SIZE))
    assert b'site-packages' not in path.read_bytes()
    assert b'maxsight_mm/' not in path.read_bytes()
