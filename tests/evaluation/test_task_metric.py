import json
import math
import pickle

import numpy as np
import pytest
import torch
from mmengine.structures import BaseDataElement

from maxsight_mm.evaluation import TaskMetric
from maxsight_mm.evaluation.task_evaluators import TASK_EVALUATORS
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample

NAN = float('nan')
BOXES = [[0, 0, 10, 10], [20, 0, 30, 10], [0, 20, 10, 30]]
QUAD = [[0, 0], [10, 0], [10, 10], [0, 10]]


@pytest.fixture
def judge(make_sample):
    """Judge images given as (labels, answers) of the whole image, or of objects."""

    def run(images, objects=(), found=BOXES, metric=None, **meta):
        metric = metric or TaskMetric()
        pairs = objects or [({}, {})] * len(images)
        samples = []
        for index, (labels, answers) in enumerate(images or [({}, {})] * len(pairs)):
            sample = make_sample(
                img_id=index,
                gt=[(box, 0) for box in BOXES],
                pred=[(box, 0.9, 0) for box in found],
                gt_extra=tensors(pairs[index][0]),
                pred_extra=tensors(pairs[index][1]),
            )
            sample['gt_tasks'] = tensors(labels)
            sample['pred_tasks'] = tensors(answers)
            sample.update(meta)
            samples.append(sample)
        metric.process(None, samples)
        # as between processes
        return metric.compute_metrics(pickle.loads(pickle.dumps(metric.results)))

    return run


def tensors(fields):
    return {
        name: value
        if isinstance(value, str | list | tuple) and name not in NUMERIC
        else torch.as_tensor(value)
        for name, value in fields.items()
    }


NUMERIC = {
    name
    for evaluator in TASK_EVALUATORS.values()
    for name in (evaluator.label, *evaluator.answers)
} - {
    'texts',
    'caption',
    'text_recognition_texts',
    'scene_description_captions',
}


def test_only_answered_tasks_are_judged(judge):
    result = judge([({'glare': [0.5], 'fatigue': [0.1]}, {'glare_scores': [0.5]})])
    assert {key.split('/')[0] for key in result} == {'glare'}


def test_named_tasks_are_judged_though_unanswered(judge):
    result = judge([({}, {})], metric=TaskMetric(tasks=['depth', 'motion']))
    assert {key.split('/')[0] for key in result} == {'depth', 'motion'}
    assert all(map(math.isnan, result.values()))


def test_every_task_gives_nan_for_no_image():
    result = TaskMetric(tasks=list(TASK_EVALUATORS)).compute_metrics([])
    assert all(map(math.isnan, result.values()))
    assert {key.split('/')[0] for key in result} == set(TASK_EVALUATORS)


def test_unknown_task_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'depth'"):
        TaskMetric(tasks=['dept'])


def test_number_beside_the_median(judge):
    truth, answers = [0.0, 0.2, 0.4, 1.0, NAN], [0.1, 0.2, 0.5, 0.8, 0.0]
    result = judge(
        [
            ({'glare': [t]}, {'glare_scores': [a]})
            for t, a in zip(truth, answers, strict=True)
        ]
    )
    assert result['glare/mae'] == pytest.approx(0.1)
    assert result['glare/mae_baseline'] == pytest.approx((0.3 + 0.1 + 0.1 + 0.7) / 4)
    assert result['glare/spearman'] == pytest.approx(1)


def test_non_finite_answer_is_refused_by_name(judge):
    with pytest.raises(ValueError, match=r'image 0: pred_tasks\.glare_scores'):
        judge([({'glare': [0.5]}, {'glare_scores': [NAN]})])


def test_half_precision_answers_are_read(judge):
    answer = torch.tensor([0.5], dtype=torch.bfloat16)
    result = judge([({'glare': [0.25]}, {'glare_scores': answer})])
    assert result['glare/mae'] == 0.25


def test_heuristic_labels_count_only_where_asked(judge):
    image = ({'glare': [0.5], 'heuristic': ('glare',)}, {'glare_scores': [0.25]})
    assert math.isnan(judge([image])['glare/mae'])
    counted = judge([image], metric=TaskMetric(count_heuristic=True))
    assert counted['glare/mae'] == 0.25


def test_objects_are_judged_by_the_detection_that_found_them(judge, tmp_path):
    metric = TaskMetric(outfile_prefix=str(tmp_path / 'test'))
    result = judge(
        [],
        objects=[
            (
                {'findabilities': [0.2, 0.6, 0.9]},
                # in the order of the detections: second object first, third missed
                {'findability_scores': [0.5, 0.4]},
            )
        ],
        found=[BOXES[1], BOXES[0]],
        metric=metric,
    )
    assert result['findability/mae'] == pytest.approx((0.1 + 0.2) / 2)
    (judged,) = json.loads((tmp_path / 'test.tasks.json').read_text())['tasks'].values()
    assert (judged['cases'], judged['unanswered']) == (2, 1)
    assert judged['figures'][0]['margin'] == pytest.approx(0.2 - 0.15)


def test_detections_beyond_those_answered_for_are_unanswered(judge):
    objects = [
        ({'findabilities': [0.2, 0.6, 0.9]}, {'findability_scores': [0, NAN, 1]})
    ]
    assert judge([], objects)['findability/mae'] == pytest.approx(0.15)


def test_answers_for_other_than_the_detections_are_refused(judge):
    objects = [({'findabilities': [0.2, 0.6, 0.9]}, {'findability_scores': [0.5]})]
    with pytest.raises(ValueError, match='1 answers for 3 detections'):
        judge([], objects)


def test_alerts_of_objects_beside_their_prevalence(judge):
    labels = {'alerts': [1, 0, 0]}
    answers = {
        'personalisation_scores': [0.9, 0.2, 0.6],
        'personalisation_labels': [1, 0, 1],
    }
    result = judge([], [(labels, answers)])
    assert result['personalisation/average_precision'] == 1
    assert result['personalisation/average_precision_baseline'] == pytest.approx(1 / 3)
    assert result['personalisation/balanced_accuracy'] == 0.75


def test_classes_beside_the_majority(judge):
    truth, answers = [0, 0, 0, 2, -1], [0, 0, 2, 2, 1]
    result = judge(
        [
            ({'lighting_label': [t]}, {'lighting_labels': [a]})
            for t, a in zip(truth, answers, strict=True)
        ]
    )
    assert result['lighting/accuracy'] == 0.75
    assert result['lighting/accuracy_baseline'] == 0.75
    assert result['lighting/balanced_accuracy'] == pytest.approx((2 / 3 + 1) / 2)
    assert result['lighting/balanced_accuracy_baseline'] == 0.5


def test_questions_are_averaged_and_unknown_ones_left_out(judge):
    truth = [[1, 0, NAN], [0, 0, 0], [0, 1, 0]]
    scores = [[0.9, 0.1, 0.5], [0.2, 0.3, 0.5], [0.1, 0.2, 0.5]]
    labels = [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    result = judge(
        [
            ({'free_path': t}, {'free_path_scores': s, 'free_path_labels': d})
            for t, s, d in zip(truth, scores, labels, strict=True)
        ]
    )
    # the first question is right throughout, the second ranks its positive second,
    # the third has no positive
    key = 'free_path/mean_average_precision'
    assert result[key] == pytest.approx((1 + 0.5) / 2)
    assert result[f'{key}_baseline'] == pytest.approx(1 / 3)
    assert result['free_path/balanced_accuracy'] == pytest.approx((1 + 0.5) / 2)
    assert result['free_path/balanced_accuracy_baseline'] == 0.5


def test_severities_are_ranked_and_judged_against_their_means(judge):
    truth, answers = np.zeros((4, 13)), np.zeros((4, 13))
    truth[:, 0], truth[:, 1] = [0, 0, 0.4, 0.8], NAN
    answers[:, 0] = [0.1, 0.2, 0.4, 0.8]
    result = judge(
        [
            ({'condition_severity': t}, {'condition_scores': a})
            for t, a in zip(truth, answers, strict=True)
        ]
    )
    # Of twelve known severities one is ever above 0.
    assert result['condition/mean_average_precision'] == 1.0
    assert result['condition/mean_average_precision_baseline'] == 0.5
    assert result['condition/rmse'] == pytest.approx(math.sqrt(0.05 / 4 / 12))
    assert result['condition/rmse_baseline'] == pytest.approx(math.sqrt(0.11 / 12))


def test_parts_of_one_task_are_judged_apart(judge):
    labels = {'fatigue': [0.5], 'focus_depth_m': [NAN], 'scene_contrast': [0.2]}
    answers = {
        'therapy_state_fatigue': [0.25],
        'therapy_state_focus_depth_m': [3.0],
        'therapy_state_contrast': [0.3],
    }
    result = judge([(labels, answers)])
    assert result['therapy_state/fatigue_mae'] == 0.25
    assert result['therapy_state/contrast_mae'] == pytest.approx(0.1)
    assert math.isnan(result['therapy_state/focus_depth_m_mae'])


def test_directions_go_round(judge):
    result = judge(
        [
            ({'sound_azimuth_deg': [175.0]}, {'sound_direction_azimuth_deg': [-175.0]}),
            ({'sound_azimuth_deg': [-175.0]}, {'sound_direction_azimuth_deg': [185.0]}),
        ]
    )
    assert result['sound_direction/mae_deg'] == pytest.approx(5)
    assert result['sound_direction/mae_deg_baseline'] == pytest.approx(5)


def test_maps_are_compared_at_the_labels_size(judge):
    images = [
        ({'depth': np.full((1, 8, 8), d)}, {'depth_metres': np.full((1, 2, 2), 2.0)})
        for d in (2.0, 4.0)
    ]
    images[0][0]['depth'][0, 0] = NAN
    result = judge(images)
    far = 64 / (56 + 64)
    assert result['depth/abs_rel'] == pytest.approx(far * 0.5)
    assert result['depth/rmse_m'] == pytest.approx(math.sqrt(far * 4))
    assert result['depth/delta_1.25'] == pytest.approx(1 - far)
    spread = 2 * math.sqrt(far * (1 - far))
    assert result['depth/rmse_m_baseline'] == pytest.approx(spread)
    # always 2 m is the best for both
    assert result['depth/abs_rel_baseline'] == pytest.approx(far * 0.5, rel=0.05)
    assert result['depth/delta_1.25_baseline'] == pytest.approx(far)


def test_no_constant_map_beats_the_baseline_by_much(judge):
    depth = np.random.default_rng(0).lognormal(1.5, 0.7, (1, 30, 40))
    for constant in np.quantile(depth, [0.1, 0.2, 0.3, 0.4, 0.5]):
        answer = {'depth_metres': np.full((1, 4, 4), constant)}
        result = judge([({'depth': depth}, answer)])
        for metric, sign in [('abs_rel', -1), ('rmse_m', -1), ('delta_1.25', 1)]:
            gap = result[f'depth/{metric}'] - result[f'depth/{metric}_baseline']
            assert sign * gap < 0.01


def test_padding_of_the_answer_is_cut_off(judge):
    answer = np.full((1, 8, 8), 0.25)
    answer[:, 6:], answer[:, :, 6:] = 9, 9
    image = (
        {'contrast_map': np.full((1, 3, 3), 0.25)},
        {'contrast_sensitivity_map': answer},
    )
    # The last 2 px of the image fill no cell of the label.
    result = judge([image], img_shape=(26, 24), batch_input_shape=(32, 32))
    assert result['contrast_sensitivity/mae'] == pytest.approx(0)


def ramp(rows, columns, stride):
    """Metres that grow to the right and downwards, as seen every ``stride`` px."""
    y, x = ((np.arange(n) + 0.5) * stride for n in (rows, columns))
    return torch.from_numpy(2 + y[:, None] / 10 + x / 20)[None]


def test_maps_of_images_that_were_padded_to_a_batch_lie_on_their_labels():
    """Neither image has sides of a multiple of 32, and one is padded by half."""
    sizes = [(45, 70), (60, 121)]
    samples = []
    for size in sizes:
        sample = TaskSample(metainfo={'img_shape': size})
        depth = ramp(*size, 1)
        flow = torch.cat([depth, -depth])
        sample.gt_tasks = BaseDataElement(depth=depth, flow=flow)
        samples.append(sample)
    preprocessor = MODELS.build(
        dict(type='TaskDataPreprocessor', pad_size_divisor=32, pad_mask=False)
    )
    images = [torch.zeros(3, *size, dtype=torch.uint8) for size in sizes]
    batch = preprocessor({'inputs': images, 'data_samples': samples})
    assert batch['inputs'].shape == (2, 3, 64, 128)
    answer = ramp(16, 32, 4)
    for sample, (height, width) in zip(batch['data_samples'], sizes, strict=True):
        shown = answer.clone()
        # What a network sees in the padding is of no concern.
        shown[:, -(-height // 4) :], shown[:, :, -(-width // 4) :] = 99, 99
        flow = torch.cat([shown, -shown])
        sample.pred_tasks = BaseDataElement(depth_metres=shown, motion_flow=flow)
    metric = TaskMetric()
    metric.process(None, [sample.to_dict() for sample in batch['data_samples']])
    result = metric.compute_metrics(metric.results)
    # All but half a cell at the border, which is not interpolated, is exact.
    assert result['depth/abs_rel'] < 0.005
    assert result['depth/rmse_m'] < 0.05
    assert result['motion/endpoint_error_px'] < 0.03


def test_label_that_does_not_cover_its_image_is_refused(judge):
    image = ({'depth': np.ones((1, 4, 4))}, {'depth_metres': np.ones((1, 2, 2))})
    with pytest.raises(ValueError, match=r'gt_tasks\.depth.* do not cover'):
        judge([image], img_shape=(8, 8), batch_input_shape=(8, 8))


def test_map_that_does_not_fit_is_refused(judge):
    image = ({'flow': np.zeros((2, 4, 4))}, {'motion_flow': np.zeros((1, 4, 4))})
    with pytest.raises(ValueError, match=r'pred_tasks\.motion_flow'):
        judge([image])


def test_flow_keeps_its_pixels_when_resized(judge):
    truth = np.tile(np.array([3.0, 4.0])[:, None, None], (1, 16, 16))
    answer = np.tile(np.array([3.0, 0.0])[:, None, None], (1, 4, 4))
    result = judge([({'flow': truth}, {'motion_flow': answer})])
    assert result['motion/endpoint_error_px'] == pytest.approx(4)
    assert result['motion/of_zero_flow'] == pytest.approx(4 / 5)
    assert result['motion/of_zero_flow_baseline'] == 1


def test_one_motion_for_all_images_is_what_a_flow_must_beat(judge):
    flows = [np.tile(np.array(v)[:, None, None], (1, 4, 4)) for v in ([8.0, 0], [8, 3])]
    answer = {'motion_flow': np.zeros((2, 1, 1))}
    result = judge([({'flow': flow}, answer) for flow in [*flows, flows[0]]])
    # (8, 0) is right in two of three
    assert result['motion/endpoint_error_px_baseline'] == pytest.approx(1, abs=1e-3)
    assert result['motion/of_zero_flow'] == 1


def test_texts_found_and_false(judge):
    far = (np.array(QUAD) + 50).tolist()
    images = [
        (
            {'texts': [{'text': 'EXIT', 'quad': QUAD}, {'text': 'BUS', 'quad': far}]},
            {'text_detection_quads': [QUAD]},
        ),
        ({'texts': []}, {'text_detection_quads': [QUAD]}),
    ]
    result = judge(images)
    assert result['text_detection/f1'] == pytest.approx(0.5)
    assert result['text_detection/precision'] == 0.5
    assert result['text_detection/recall'] == 0.5


def test_texts_are_read_by_the_quads_that_found_them(judge):
    far = (np.array(QUAD) + 50).tolist()
    gone = (np.array(QUAD) + 90).tolist()
    labels = [
        {'text': 'EXIT', 'quad': QUAD},
        {'text': 'BUS', 'quad': far},
        {'text': 'BUS', 'quad': gone},
    ]
    answers = {
        'text_detection_quads': torch.tensor([far, QUAD]),
        'text_recognition_texts': ['BUS', 'EXT'],
    }
    result = judge([({'texts': labels}, answers)])
    assert result['text_recognition/character_error_rate'] == pytest.approx(1 / 7)
    assert result['text_recognition/word_accuracy'] == 0.5
    assert result['text_recognition/word_accuracy_baseline'] == 0.5
    assert result['text_recognition/end_to_end_accuracy'] == pytest.approx(1 / 3)


def test_texts_without_quads_are_in_the_order_of_the_labels(judge):
    image = ({'texts': ['EXIT', 'BUS']}, {'text_recognition_texts': ['EXIT', 'BUS']})
    assert judge([image])['text_recognition/character_error_rate'] == 0
    short = ({'texts': ['EXIT', 'BUS']}, {'text_recognition_texts': ['EXIT']})
    with pytest.raises(ValueError, match='1 answers for 2 texts'):
        judge([short])


def test_captions_beside_the_commonest(judge):
    truth = ['a car ahead of you', 'a car ahead of you', 'two people walk past']
    images = [({'caption': t}, {'scene_description_captions': t}) for t in truth]
    result = judge(images)
    assert result['scene_description/token_f1'] == 1
    assert result['scene_description/bleu4'] == 1
    assert result['scene_description/token_f1_baseline'] == pytest.approx(2 / 3)
    assert 0 < result['scene_description/bleu4_baseline'] < 1


def test_relations_go_through_the_matching_of_boxes(judge):
    truth = torch.zeros(3, 3, dtype=torch.int64)
    truth[0, 1], truth[1, 2], truth[2, 2] = 1, 2, -1
    # detections: objects 1 and 0, so that the pair (0, 1) is (1, 0) here
    answers = torch.tensor([[0, 3], [1, 0]])
    result = judge(
        [({'relation_labels': truth}, {'semantic_relation_labels': answers})],
        found=[BOXES[1], BOXES[0]],
    )
    # predicate 1 is found, predicate 2 is of a missed object
    assert result['semantic_relation/macro_recall'] == 0.5
    assert result['semantic_relation/macro_f1'] == 0.5
    assert result['semantic_relation/macro_recall_baseline'] == 0.5
    # always 1: one hit, six pairs answered
    assert result['semantic_relation/macro_f1_baseline'] == pytest.approx(2 / 7 / 2)


def test_retrieval_beside_a_random_neighbour(judge):
    descriptors = np.eye(2)[[0, 0, 1, 1]]
    embeddings = np.eye(4)[[0, 0, 1, 1]]
    images = [
        ({'scene_descriptor': d}, {'retrieval_embedding': e})
        for d, e in zip(descriptors, embeddings, strict=True)
    ]
    result = judge(images)
    assert result['retrieval/neighbour_similarity'] == pytest.approx(1)
    assert result['retrieval/neighbour_similarity_baseline'] == pytest.approx(1 / 3)
    assert result['retrieval/of_best'] == pytest.approx(1)
    of_one_video = judge(images, video_id=3)
    assert math.isnan(of_one_video['retrieval/neighbour_similarity'])


def test_images_whose_context_failed_are_counted(judge, tmp_path):
    metric = TaskMetric(outfile_prefix=str(tmp_path / 'a' / 'test'))
    judge(
        [({'glare': [0.5]}, {'glare_scores': [0.5]}), ({'glare': [0.5]}, {})],
        metric=metric,
    )
    report = json.loads((tmp_path / 'a' / 'test.tasks.json').read_text())
    assert report['tasks']['glare']['cases'] == 1
    assert report['tasks']['glare']['unanswered'] == 1
    assert report['metrics']['glare/mae'] == 0


def test_records_of_maps_hold_no_map(judge):
    metric = TaskMetric()
    depth = np.random.default_rng(0).uniform(1, 50, (1, 240, 320))
    judge([({'depth': depth}, {'depth_metres': depth})], metric=metric)
    assert len(pickle.dumps(metric.results)) < 4096


def test_illegible_text_counts_on_neither_side(judge):
    far = (np.array(QUAD) + 50).tolist()
    labels = [{'text': 'EXIT', 'quad': QUAD}, {'text': '###', 'quad': far}]
    answers = {
        'text_detection_quads': torch.tensor([QUAD, far]).float(),
        'text_recognition_texts': ['EXIT', 'X'],
    }
    result = judge([({'texts': labels}, answers)])
    assert result['text_detection/f1'] == 1
    assert result['text_recognition/character_error_rate'] == 0
    assert result['text_recognition/end_to_end_accuracy'] == 1


def test_quads_within_illegible_text_are_no_false_alarms(judge):
    """However small, and however many: the annotators drew one box around a line."""
    line = [[0, 50], [90, 50], [90, 60], [0, 60]]
    words = [(np.array(QUAD) + [x, 50]).tolist() for x in (2, 40, 70)]
    half_in = (np.array(QUAD) + [20, 56]).tolist()
    labels = [{'text': 'EXIT', 'quad': QUAD}, {'text': '###', 'quad': line}]
    answers = {
        'text_detection_quads': torch.tensor([QUAD, *words, half_in]).float(),
        'text_recognition_texts': ['EXIT', *'ABCD'],
    }
    result = judge([({'texts': labels}, answers)])
    # Of half_in 0.4 lies in the line.
    assert result['text_detection/precision'] == 0.5
    assert result['text_detection/recall'] == 1
    assert result['text_recognition/word_accuracy'] == 1


def test_answers_that_are_not_available_are_not_judged(judge, tmp_path):
    metric = TaskMetric(outfile_prefix=str(tmp_path / 'test'))
    label = {'sound_azimuth_deg': [30.0]}
    images = [
        (
            label,
            {
                'sound_direction_azimuth_deg': [azimuth],
                'sound_direction_available': [available],
            },
        )
        for azimuth, available in [(NAN, False), (40.0, True)]
    ]
    assert judge(images, metric=metric)['sound_direction/mae_deg'] == 10
    report = json.loads((tmp_path / 'test.tasks.json').read_text())
    assert report['tasks']['sound_direction']['unanswered'] == 1
