"""Parity counts what changed, and takes a tie for a tie only where it is one."""

import json
from dataclasses import replace

import numpy as np
import pytest

from maxsight_mm.deploy.detection_matching import level_margin
from maxsight_mm.deploy.parity import THRESHOLDS, check_parity
from maxsight_mm.deploy.tier_parity import TierParity
from maxsight_mm.inference import SafetyAnswer

CLASSES = ('red', 'green', 'blue')
SETTINGS = dict(score_thr=0.05, nms_pre=1000, iou_threshold=0.5, max_per_img=100)
SAFE = dict(urgency=0.5, object_urgency=0.5)


class Canned:
    """A safety pass with given answers; a picture is their number."""

    def __init__(self, *answers, test_cfg=SETTINGS):
        self.answers = answers
        self.classes, self.test_cfg = CLASSES, test_cfg
        self.min_safe_scores = SAFE

    def __call__(self, images):
        return [self.answers[image] for image in images]


def make_answer(**changes) -> SafetyAnswer:
    """Three things, the last two of one class."""
    boxes = np.float32([[0, 0, 20, 20], [40, 40, 60, 60], [70, 0, 90, 30]])
    labels = np.array([0, 1, 1])
    entries = dict(
        source='street.png',
        boxes=boxes,
        scores=np.float32([0.9, 0.6, 0.3]),
        labels=labels,
        zones=np.array([0, 1, 2]),
        zone_scores=np.float32([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]),
        urgencies=np.array([3, 1, 0]),
        urgency_scores=np.float32(
            [[0.1, 0.1, 0.1, 0.7], [0.2, 0.4, 0.3, 0.1], [0.8, 0.1, 0.05, 0.05]]
        ),
        image_urgency=1,
        image_urgency_scores=np.float32([0.1, 0.6, 0.2, 0.1]),
        uncertainty=0.2,
        latency_ms=1.0,
    )
    entries |= changes
    entries['class_names'] = tuple(CLASSES[i] for i in entries['labels'])
    return SafetyAnswer(**entries)


def rows(answer: SafetyAnswer, index, **changes) -> SafetyAnswer:
    """The answer with some of its detections, in that order."""
    names = ('boxes', 'scores', 'labels', 'zones', 'zone_scores', 'urgencies')
    fields = {name: getattr(answer, name)[index] for name in names}
    fields['urgency_scores'] = answer.urgency_scores[index]
    fields['class_names'] = tuple(np.array(answer.class_names)[index])
    return replace(answer, **fields | changes)


def compare(first, second, thresholds=None, **settings):
    test_cfg = SETTINGS | settings
    runners = [Canned(answer, test_cfg=test_cfg) for answer in (first, second)]
    return check_parity(*runners, [0], thresholds)


def changed(report) -> dict[str, int]:
    found = {kind: count['changed'] for kind, count in report.decisions.items()}
    return {kind: count for kind, count in found.items() if count}


def tied(report) -> dict[str, int]:
    found = {kind: count['ties'] for kind, count in report.decisions.items()}
    return {kind: count for kind, count in found.items() if count}


def test_the_same_answer_passes():
    report = compare(make_answer(), make_answer())
    assert report.passed and report.detections == 3
    assert all(gap.largest == 0 for gap in report.differences.values())
    assert not changed(report) and not tied(report)


def test_differences_are_measured():
    first = make_answer()
    second = make_answer(
        boxes=first.boxes + np.float32([0, 0, 0.5, 0]),
        scores=first.scores - np.float32([0.01, 0, 0]),
        uncertainty=0.25,
    )
    report = compare(first, second)
    assert report.differences['box_px'].largest == pytest.approx(0.5)
    assert report.differences['score'].largest == pytest.approx(0.01, rel=1e-3)
    assert report.differences['score'].mean == pytest.approx(0.01 / 3, rel=1e-3)
    assert report.differences['uncertainty'].largest == pytest.approx(0.05)
    assert not changed(report) and not report.passed
    assert len(report.failures) == 3
    assert compare(first, second, THRESHOLDS['int8']).passed


def test_equal_scores_may_swap_their_order():
    first = make_answer(scores=np.float32([0.6, 0.6, 0.3]))
    report = compare(first, rows(first, [1, 0, 2]))
    assert report.passed and not tied(report)


@pytest.mark.parametrize('how', ['lost', 'new'])
def test_clear_detection_that_is_absent_is_a_change(how):
    answers = [make_answer(), rows(make_answer(), [0, 1])]
    report = compare(*(answers if how == 'lost' else answers[::-1]))
    assert changed(report) == {'detection': 1} and not report.passed
    assert report.changes[0]['what'].startswith(how)
    assert report.changes[0]['image'] == 'street.png'


@pytest.mark.parametrize(
    ('score', 'expected'), [(0.05 + 5e-5, 'tie'), (0.05 + 5e-4, 'change')]
)
def test_detection_on_the_score_threshold_is_a_tie(score, expected):
    first = make_answer(scores=np.float32([0.9, 0.6, score]))
    report = compare(first, rows(first, [0, 1]))
    if expected == 'tie':
        assert report.passed and tied(report) == {'detection': 1}
        assert report.ties[0]['rule'] == 'score_thr'
        assert report.ties[0]['margin'] == pytest.approx(5e-5, rel=1e-2)
    else:
        assert changed(report) == {'detection': 1}


@pytest.mark.parametrize(('gap', 'is_tie'), [(5e-5, True), (5e-4, False)])
def test_detection_on_the_limit_of_their_number_is_a_tie(gap, is_tie):
    answer = make_answer(scores=np.float32([0.9, 0.3 + gap, 0.3]))
    first, second = rows(answer, [0, 1]), rows(answer, [0, 2])
    report = compare(first, second, max_per_img=2)
    assert report.passed == is_tie
    assert (tied(report) == {'detection': 2}) == is_tie
    # Where the number is not reached, the limit excuses nothing.
    assert changed(compare(first, second)) == {'detection': 2}


@pytest.mark.parametrize(
    ('side', 'is_tie'), [(10.0, True), (10.0005, True), (10.1, False)]
)
def test_overlap_on_the_threshold_of_suppression_is_a_tie(side, is_tie):
    # The second lies in the first and fills side / 20 of it.
    boxes = np.float32([[0, 0, 20, 20], [0, 0, 20, side], [70, 0, 90, 30]])
    first = make_answer(boxes=boxes, labels=np.array([1, 1, 1]))
    report = compare(first, rows(first, [0, 2]))
    assert report.passed == is_tie
    if is_tie:
        assert report.ties[0]['rule'] == 'iou_threshold'
    # A box of another class suppresses nothing.
    other = make_answer(boxes=boxes, labels=np.array([0, 1, 1]))
    assert changed(compare(other, rows(other, [0, 2]))) == {'detection': 1}


@pytest.mark.parametrize(('gap', 'is_tie'), [(5e-5, True), (5e-3, False)])
def test_order_of_two_that_suppress_each_other_is_a_tie(gap, is_tie):
    boxes = np.float32([[0, 0, 20, 20], [0, 0, 20, 15], [70, 0, 90, 30]])
    answer = make_answer(
        boxes=boxes,
        labels=np.array([1, 1, 1]),
        scores=np.float32([0.6, 0.6 - gap, 0.3]),
    )
    report = compare(rows(answer, [0, 2]), rows(answer, [1, 2]))
    assert (tied(report) == {'detection': 2}) == is_tie
    assert (changed(report) == {'detection': 2}) != is_tie


def test_other_class_is_a_change_even_with_equal_scores():
    first = make_answer()
    report = compare(first, make_answer(labels=np.array([2, 1, 1])))
    assert changed(report) == {'class': 1}
    assert report.changes[0]['what'] == 'red -> blue'


@pytest.mark.parametrize(('gap', 'is_tie'), [(5e-5, True), (5e-3, False)])
def test_zone_between_equal_scores_is_a_tie(gap, is_tie):
    scores = make_answer().zone_scores.copy()
    scores[0] = [0.45 + gap / 2, 0.45 - gap / 2, 0.1]
    first = make_answer(zone_scores=scores)
    second = replace(first, zones=np.array([1, 1, 2]))
    report = compare(first, second)
    assert (tied(report) == {'zone': 1}) == is_tie
    assert (changed(report) == {'zone': 1}) != is_tie


def test_alert_that_fails_to_sound_is_a_change():
    first = make_answer(
        image_urgency=2, image_urgency_scores=np.float32([0.1, 0.3, 0.4, 0.2])
    )
    report = compare(first, replace(first, image_urgency=1))
    assert changed(report) == {'alert': 1, 'urgency': 1}
    report = compare(first, replace(first, image_urgency=3))
    assert changed(report) == {'urgency': 1}


@pytest.mark.parametrize(('safe', 'is_tie'), [(0.49995, True), (0.49, False)])
def test_urgency_on_the_rule_for_safe_is_a_tie(safe, is_tie):
    scores = np.float32([safe, 0.3, 0.1, 0.6 - safe])
    first = make_answer(image_urgency=1, image_urgency_scores=scores)
    report = compare(first, replace(first, image_urgency=0))
    assert (tied(report) == {'urgency': 1}) == is_tie


@pytest.mark.parametrize('precision', THRESHOLDS)
def test_no_precision_widens_what_is_a_tie(precision):
    assert THRESHOLDS[precision].tie_margin == 1e-4


@pytest.mark.parametrize(
    ('scores', 'min_safe', 'expected'),
    [
        ([0.5, 0.3, 0.2], None, 0.2),
        ([0.45, 0.3, 0.15, 0.1], 0.5, 0.05),
        ([0.45, 0.26, 0.25, 0.04], 0.5, 0.01),
        ([0.52, 0.3, 0.1, 0.08], 0.5, 0.02),
        ([0.8, 0.1, 0.05, 0.05], 0.2, 0.6),
        # Safe may be answered from 0.2 on, but is far from being the best.
        ([0.19, 0.6, 0.11, 0.1], 0.2, 0.41),
        ([0.3, 0.5, 0.1, 0.1], 0.2, 0.2),
    ],
)
def test_margin_is_what_it_takes_to_decide_otherwise(scores, min_safe, expected):
    assert level_margin(np.float32(scores), min_safe) == pytest.approx(expected, 1e-4)


def test_unavailable_in_one_alone_is_a_change():
    broken = SafetyAnswer.unavailable('street.png', 'truncated')
    report = compare(make_answer(), broken)
    assert changed(report) == {'available': 1} and not report.passed


def test_nothing_compared_is_no_pass():
    broken = SafetyAnswer.unavailable('street.png', 'truncated')
    report = compare(broken, broken)
    assert not report.passed and report.decisions['available']['judged'] == 0
    empty = rows(make_answer(), [])
    assert not compare(empty, empty).passed
    with pytest.raises(ValueError, match='at least one picture'):
        check_parity(Canned(), Canned(), [])


def test_faint_detections_are_not_judged_where_they_may_change():
    first = make_answer()
    limits = replace(THRESHOLDS['fp32'], min_score=0.4)
    assert compare(first, rows(first, [0, 1]), limits).passed
    assert not compare(first, rows(first, [0, 2]), limits).passed


def test_share_of_changes_is_allowed_or_not():
    first = make_answer()
    second = replace(first, zones=np.array([1, 1, 2]))
    limits = THRESHOLDS['fp32']
    assert compare(first, second, replace(limits, changed_share=0.34)).passed
    assert not compare(first, second, replace(limits, changed_share=0.33)).passed


def test_other_rules_cannot_be_compared():
    first, second = Canned(make_answer()), Canned(make_answer())
    second.test_cfg = SETTINGS | dict(score_thr=0.3)
    with pytest.raises(ValueError, match='test_cfg differ'):
        check_parity(first, second, [0])


def test_report_is_written_and_fits_a_screen(tmp_path):
    report = compare(make_answer(), rows(make_answer(), [0, 1]))
    content = json.loads(report.write(tmp_path).read_text())
    assert content['passed'] is False and content['failures'] == report.failures
    assert content['decisions']['detection'] == dict(judged=3, changed=1, ties=0)
    assert content['thresholds']['score'] == 1e-4
    lines = report.table().splitlines()
    assert lines[0].startswith('parity FAILED') and len(lines) < 40
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize('precision', THRESHOLDS)
@pytest.mark.parametrize('field', ['uncertainty', 'zone_scores'])
def test_a_number_that_is_not_finite_is_no_pass(tmp_path, field, precision):
    whole = make_answer()
    broken = replace(whole, **{field: getattr(whole, field) * np.float32(np.nan)})
    report = compare(whole, broken, THRESHOLDS[precision])
    assert not report.passed
    assert any('nan' in line for line in report.failures)
    text = report.write(tmp_path).read_text()
    name = field.removesuffix('s')
    content = json.loads(text, parse_constant=lambda x: pytest.fail(f'wrote {x}'))
    assert content['differences'][name]['largest'] is None


@pytest.mark.parametrize('gap', [np.inf, np.nan, 1e-3])
def test_a_tier_that_differs_says_where(tmp_path, gap):
    safety = compare(make_answer(), make_answer())
    parity = TierParity(safety, 10, gaps={'flow': gap, 'depth': 0.0}, changed={'n': 2})
    assert not parity.passed
    assert len(parity.failures) == 2
    assert parity.failures[0].startswith('flow differs by')
    assert parity.failures[1] == 'n changed in 2 frames'
    parity.write(tmp_path)
    content = json.loads(
        (tmp_path / 'parity.json').read_text(),
        parse_constant=lambda x: pytest.fail(f'wrote {x}'),
    )
    assert content['failures'] == parity.failures
    assert content['context']['gaps']['flow'] == (1e-3 if gap == 1e-3 else None)


def test_the_report_names_pictures_and_not_where_they_lie():
    first = make_answer(source='/home/someone/street.png')
    report = compare(first, rows(first, [0, 1]))
    assert report.changes[0]['image'] == 'street.png'
    tie = make_answer(source='/home/x/a.png', scores=np.float32([0.9, 0.6, 0.05001]))
    assert compare(tie, rows(tie, [0, 1])).ties[0]['image'] == 'a.png'
