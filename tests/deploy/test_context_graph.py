"""A whole tier frame by frame says what the detector says of the whole clip."""

import numpy as np
import pytest
import torch

from maxsight_mm.deploy.context_graph import (
    AVAILABLE,
    LEFT_OUT,
    NEXT,
    ContextGraph,
)
from maxsight_mm.deploy.safety_graph import Detections, SafetyGraph
from maxsight_mm.structures import TaskSample
from tests.deploy.spread_tier import SIZE, spread_tier, stream_of
from tests.models.toy_context import build_toy_t0

FRAMES = 10


@pytest.fixture(scope='module')
def tier():
    return spread_tier()


@pytest.fixture(scope='module')
def graph(tier):
    return ContextGraph(tier)


def run_stream(graph, frames, inputs):
    """Answers frame by frame."""
    inputs = dict(inputs)
    answers = []
    for frame in frames:
        inputs['input'] = frame[None]
        with torch.no_grad():
            answers.append(graph(inputs))
        for name in graph.memory_names:
            inputs[name] = answers[-1][f'{NEXT}{name}']
    return answers


def test_each_frame_is_answered_as_the_detector_answers_the_clip_up_to_it(tier, graph):
    frames, sound = stream_of(FRAMES)
    inputs = graph.example_inputs(SIZE) | tier.context_stage.audio_features(sound)
    answers = run_stream(graph, frames, inputs)
    most = graph.max_objects
    compared = set()
    for count in (1, 2, 5, FRAMES):
        clip = frames[None, :count]
        batch = dict(
            img=clip[:, -1],
            frames=clip,
            frames_valid=torch.ones(1, count, dtype=torch.bool),
            audio=sound,
            audio_valid=torch.ones(1, dtype=torch.bool),
        )
        sample = TaskSample(metainfo=dict(img_shape=SIZE, scale_factor=(1.0, 1.0)))
        with torch.no_grad():
            (wanted,) = tier.predict(batch, [sample])
        found = answers[count - 1]
        assert 'context_error' not in wanted.pred_tasks
        assert found[AVAILABLE].item()
        objects = wanted.pred_instances
        assert len(objects) > most
        for name, value in found.items():
            where = wanted.pred_tasks if name in wanted.pred_tasks else objects
            if name not in where or name in Detections._fields:
                continue
            compared.add(name)
            expected = where.get(name)[:most] if where is objects else where.get(name)
            torch.testing.assert_close(
                value[0].reshape(expected.shape), expected, rtol=1e-4, atol=1e-5
            )
    answered = set(found) - {f'{NEXT}{n}' for n in graph.memory_names}
    maps = {'text_detection_logits', 'text_detection_offsets'}
    assert compared == answered - set(Detections._fields) - maps - {AVAILABLE}
    assert len(compared) > 30


def test_motion_and_memory_change_with_the_frames_before(graph):
    frames, _ = stream_of(3)
    inputs = graph.example_inputs(SIZE)
    alone = run_stream(graph, frames[2:], inputs)[0]
    after = run_stream(graph, frames, inputs)[2]
    assert not torch.allclose(alone['motion_flow'], after['motion_flow'])
    alert = 'predictive_alert_scores'
    assert not torch.equal(alone[alert], after[alert])
    assert after[f'{NEXT}frames_seen'].item() == 3


def test_safety_answers_are_those_of_the_safety_graph_to_the_bit(tier, graph):
    frames, _ = stream_of(4)
    answers = run_stream(graph, frames, graph.example_inputs(SIZE))
    alone = SafetyGraph(tier)
    for frame, answer in zip(frames, answers, strict=True):
        with torch.no_grad():
            wanted = alone(frame[None])
        for name in Detections._fields:
            assert torch.equal(answer[name], getattr(wanted, name)), name


def test_a_broken_memory_costs_the_context_and_no_safety_answer(graph):
    frames, _ = stream_of(1)
    inputs = graph.example_inputs(SIZE) | dict(input=frames)
    whole = graph(inputs)
    memory = torch.full_like(inputs['lstm_cell'], np.nan)
    broken = graph(inputs | dict(lstm_cell=memory))
    assert whole[AVAILABLE].item() and not broken[AVAILABLE].item()
    for name in Detections._fields:
        assert torch.equal(whole[name], broken[name]), name


def test_rows_without_an_object_are_marked(graph):
    inputs = graph.example_inputs(SIZE)
    graph.safety.decoder.score_thr, before = 2.0, graph.safety.decoder.score_thr
    try:
        answers = graph(inputs)
    finally:
        graph.safety.decoder.score_thr = before
    assert answers[AVAILABLE].item()
    assert not answers['roi_priority_scores'].any()
    assert (answers['personalisation_labels'] == -1).all()
    assert (answers['semantic_relation_labels'] == -1).all()


def test_what_has_no_static_form_is_named_and_the_detector_keeps_it(tier, graph):
    assert graph.left_out == LEFT_OUT
    tasks = {head.task for head in tier.context_stage.heads}
    assert set(LEFT_OUT) <= tasks
    assert tier.context_stage.context_pass.temporal is not None


def test_a_model_without_a_context_stage_is_refused():
    with pytest.raises(ValueError, match='no context stage'):
        ContextGraph(build_toy_t0())
