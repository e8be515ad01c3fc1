"""One suite over every metric registered here.

A new metric is picked up by itself; it only has to state, in ``BEST``, the figures
that perfect predictions earn.
"""

import math
import pickle

import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import BaseDataElement, InstanceData

import maxsight_mm.evaluation  # noqa: F401  (registers the metrics)
from maxsight_mm.registry import METRICS
from maxsight_mm.structures.task_sample import TaskSample

CLASSES = ('person', 'car', 'kerb')
META = {'classes': CLASSES, 'tasks': {'risk': ('safe', 'unsafe')}}
NUM_SAMPLES = 4

BEST = {
    'DetectionMetric': {
        'det/mAP': 1,
        'det/AP50': 1,
        'det/AP75': 1,
        'det/precision': 1,
        'det/recall': 1,
        'det/F1': 1,
        'det/best_F1': 1,
        'det/AP/person': 1,
    },
    'SafetyMetric': {
        'safety/zone_accuracy': 1,
        'safety/zone_balanced_accuracy': 1,
        'safety/object_urgency_accuracy': 1,
        'safety/image_urgency_accuracy': 1,
        'safety/image_urgency_balanced_accuracy': 1,
        'safety/missed_rate': 0,
        'safety/image_false_reassurance': 0,
        'safety/object_false_reassurance': 0,
    },
    'CalibrationMetric': {
        'calibration/class_ECE': 0,
        'calibration/class_ECE_equal_mass': 0,
        'calibration/urgency_ECE': 0,
        'calibration/uncertainty_ECE': 0,
        'calibration/uncertainty_AURC': 0,
        'calibration/uncertainty_excess_AURC': 0,
    },
    'ImageTaskMetric': {
        'tasks/risk/accuracy': 1,
        'tasks/risk/balanced_accuracy': 1,
        'tasks/risk/macro_f1': 1,
        'tasks/risk/recall/unsafe': 1,
        'tasks/risk/precision/unsafe': 1,
    },
    'TaskMetric': {
        'tasks/depth/abs_rel': 0,
        'tasks/depth/rmse_m': 0,
        'tasks/depth/delta_1.25': 1,
        'tasks/glare/mae': 0,
        'tasks/glare/spearman': 1,
        'tasks/lighting/accuracy': 1,
        'tasks/findability/mae': 0,
        'tasks/scene_description/token_f1': 1,
    },
}


@pytest.fixture(params=sorted(METRICS.module_dict))
def name(request):
    return request.param


def build(name):
    evaluator = Evaluator(METRICS.build({'type': name}))
    evaluator.dataset_meta = META
    return evaluator


def answers(num):
    """Answers for ``num`` objects, right for the labels of ``sample``."""
    boxes = torch.tensor([[10.0, 10, 50, 50], [60, 60, 90, 95]])[:num]
    labels, levels = torch.tensor([0, 2])[:num], torch.tensor([0, 2])[:num]
    return {
        'bboxes': boxes,
        'labels': labels,
        'zones': levels,
        'urgencies': levels,
    }


def sample(index, num_found=0, labelled=True, answered=False):
    result = TaskSample()
    result.set_metainfo(
        {'img_id': index, 'ori_shape': (100, 100), 'scale_factor': (2.0, 2.0)}
    )
    found = answers(num_found)
    result.pred_instances = InstanceData(
        **found,
        scores=torch.ones(num_found),
        zone_scores=torch.eye(3)[found['zones']],
        urgency_scores=torch.eye(4)[found['urgencies']],
    )
    result.gt_instances = InstanceData()
    result.ignored_instances = InstanceData()
    result.gt_tasks, result.pred_tasks = BaseDataElement(), BaseDataElement()
    urgency = index % 4
    depth = torch.linspace(1, 20, 12).reshape(1, 3, 4) + index
    if labelled:
        truth = answers(2)
        result.gt_instances = InstanceData(
            **{**truth, 'bboxes': truth['bboxes'] * 2}  # in the network's scale
        )
        result.gt_instances.findabilities = torch.tensor([0.25, 0.75])
        result.gt_tasks.urgency = torch.tensor([urgency])
        result.gt_tasks.depth = depth
        result.gt_tasks.glare = torch.tensor([urgency / 4])
        result.gt_tasks.lighting_label = torch.tensor([urgency])
        result.gt_tasks.caption = f'{urgency} cars ahead'
        result.gt_tasks.risk = torch.tensor([index % 2])
    if answered:
        result.pred_tasks.urgency_scores = torch.eye(4)[urgency]
        result.pred_tasks.uncertainty = torch.zeros(1)
        result.pred_tasks.depth_metres = depth
        result.pred_tasks.glare_scores = torch.tensor([urgency / 4])
        result.pred_tasks.lighting_labels = torch.tensor([urgency])
        result.pred_tasks.risk = torch.tensor([index % 2])
        result.pred_tasks.scene_description_captions = f'{urgency} cars ahead'
        result.pred_instances.findability_scores = torch.tensor([0.25, 0.75])[
            :num_found
        ]
    return result


def run(evaluator, **settings):
    samples = [sample(index, **settings) for index in range(NUM_SAMPLES)]
    evaluator.process(samples)
    return evaluator.evaluate(NUM_SAMPLES)


def test_builds_with_default_arguments_under_our_scope(name):
    metric = METRICS.build({'type': name})
    assert metric.prefix
    assert metric.results == []


def test_perfect_predictions_earn_the_best_figures(name):
    result = run(build(name), num_found=2, answered=True)
    assert {key: result[key] for key in BEST[name]} == pytest.approx(BEST[name])


def test_empty_predictions_earn_none_of_the_best_figures(name):
    result = run(build(name))
    assert [key for key, value in BEST[name].items() if result.get(key) == value] == []


def test_unlabelled_images_give_no_figure(name):
    result = run(build(name), num_found=2, labelled=False, answered=True)
    figures = {k: v for k, v in result.items() if isinstance(v, float)}
    assert [key for key, value in figures.items() if not math.isnan(value)] == []


def test_unlabelled_images_do_not_change_the_figures(name):
    evaluator = build(name)
    expected = run(evaluator, num_found=1, answered=True)
    for index in range(NUM_SAMPLES):
        evaluator.process([sample(index, num_found=1, answered=True)])
        evaluator.process([sample(100 + index, 2, labelled=False, answered=True)])
    result = evaluator.evaluate(2 * NUM_SAMPLES)
    for key, value in expected.items():
        if isinstance(value, float):
            assert result[key] == pytest.approx(value, nan_ok=True), key


def test_results_are_one_small_picklable_record_an_image(name):
    evaluator = build(name)
    evaluator.process(
        [sample(i, num_found=2, answered=True) for i in range(NUM_SAMPLES)]
    )
    (metric,) = evaluator.metrics
    assert len(metric.results) == NUM_SAMPLES
    blob = pickle.dumps(metric.results)
    assert len(blob) < 4096 * NUM_SAMPLES
    before = metric.compute_metrics(metric.results)
    after = metric.compute_metrics(pickle.loads(blob))
    assert before == pytest.approx(after, nan_ok=True)


def test_order_of_the_images_does_not_matter(name):
    samples = [sample(i, num_found=i % 3, answered=True) for i in range(NUM_SAMPLES)]
    results = []
    for ordered in (samples, samples[::-1]):
        evaluator = build(name)
        evaluator.process(ordered)
        results.append(evaluator.evaluate(NUM_SAMPLES))
    assert results[0] == pytest.approx(results[1], nan_ok=True)


def test_second_evaluation_starts_afresh(name):
    evaluator = build(name)
    first = run(evaluator, num_found=1, answered=True)
    run(evaluator)
    again = run(evaluator, num_found=1, answered=True)
    assert again == pytest.approx(first, nan_ok=True)


def test_no_key_reads_as_a_loss(name):
    result = run(build(name), num_found=2, answered=True)
    assert result and not [key for key in result if 'loss' in key.lower()]


def test_metrics_share_an_evaluator():
    evaluator = Evaluator([METRICS.build({'type': n}) for n in METRICS.module_dict])
    evaluator.dataset_meta = META
    result = run(evaluator, num_found=2, answered=True)
    for best in BEST.values():
        assert {key: result[key] for key in best} == pytest.approx(best)
