import pytest
import torch
from mmengine.structures import InstanceData

from maxsight_mm.models.task_modules import DenseTargets, image_error_target
from maxsight_mm.structures import Target
from tests.models.toy_detector import build_toy, toy_sample, with_urgency


@pytest.fixture
def run():
    model = build_toy().eval()

    def run(*samples):
        with torch.no_grad():
            features = model.extract_feat(torch.randn(len(samples), 3, 64, 64))
            answers = model.safety_heads.predict(model.safety_heads(features))
        return model.dense_targets(answers, features, list(samples)), features

    return run


def test_locations_of_an_object_lie_in_it_and_carry_its_labels(run):
    sample = toy_sample(64, [(8, 8, 40, 48)], [2], zones=[1], urgencies=[3])
    targets, features = run(sample)
    positive = targets['labels'].valid[0]
    assert positive.any()
    points = features['points'][positive]
    assert (points[:, 0] > 8).all() and (points[:, 0] < 40).all()
    for name, value in (('labels', 2), ('zones', 1), ('urgencies', 3)):
        assert (targets[name].values[0][positive] == value).all()
    assert (targets['boxes'].values[0][positive] == torch.tensor([8, 8, 40, 48])).all()


def test_objectness_is_the_overlap_and_zero_in_the_background(run):
    targets, _ = run(toy_sample())
    overlap, positive = targets['objectness'].values[0], targets['labels'].valid[0]
    assert (overlap[positive] > 0).all() and (overlap <= 1).all()
    assert (overlap[~positive] == 0).all()


def test_unlabelled_objects_are_not_valid(run):
    boxes = [(4, 4, 28, 28), (36, 36, 60, 60)]
    targets, _ = run(toy_sample(64, boxes, [0, 1], zones=[-1, 2]))
    valid, labels = targets['zones'].valid[0], targets['labels']
    assert valid.any()
    assert (labels.values[0][valid] == 1).all()


def test_targets_nobody_labelled_are_absent(run):
    targets, _ = run(toy_sample())
    assert not {'zones', 'urgencies', 'urgency'} & set(targets)


def test_numbers_of_mixed_types_keep_unlabelled_apart(run):
    samples = [with_urgency(toy_sample(), 1) for _ in range(3)]
    samples[0].gt_tasks.glare = torch.tensor([0])
    samples[2].gt_tasks.glare = torch.tensor([0.5])
    model = build_toy().eval()
    with torch.no_grad():
        features = model.extract_feat(torch.randn(3, 3, 64, 64))
        answers = model.safety_heads.predict(model.safety_heads(features))
    target = model.dense_targets(answers, features, samples, ['glare'])['glare']
    assert target.valid.tolist() == [True, False, True]
    assert target.values[[0, 2]].tolist() == [0.0, 0.5]


def test_one_labelled_image_of_two(run):
    targets, _ = run(with_urgency(toy_sample(), 2), toy_sample())
    assert targets['urgency'].valid.tolist() == [True, False]
    assert targets['urgency'].values[0] == 2


def test_locations_in_an_ignored_box_are_left_out(run):
    sample = toy_sample(64, [(0, 0, 20, 20)], [0])
    sample.ignored_instances = InstanceData(
        bboxes=torch.tensor([[40.0, 40, 50, 50], [2, 2, 18, 18]]),
        labels=torch.tensor([0, 0]),
    )
    targets, features = run(sample)
    left_out = ~targets['objectness'].valid[0]
    points = features['points'][left_out]
    assert [44, 44] in points.tolist()
    inside = ((points > 40) & (points < 50)).all(1) | (points < 18).all(1)
    assert inside.all()
    # An object that overlaps an ignored box is still learned.
    assert targets['labels'].valid[0].any()


def test_task_aligned_assigner_is_accepted():
    model = build_toy().eval()
    model.dense_targets = DenseTargets(dict(type='TaskAlignedAssigner', topk=5))
    losses = model.train().loss(torch.randn(1, 3, 64, 64), [toy_sample()])
    assert losses['loss_box'] > 0


def test_other_assigners_are_refused():
    with pytest.raises(TypeError, match='MaxIoUAssigner'):
        DenseTargets(dict(type='MaxIoUAssigner', pos_iou_thr=0.5, neg_iou_thr=0.4))


class TestImageErrorTarget:
    """Four locations, two objects; the first object has two locations."""

    assigned = torch.tensor([[1, 1, 2, 0]])

    def error(self, scores, labels, overlaps, urgency=None, answer=0, zones=None):
        classes = torch.nn.functional.one_hot(torch.tensor([labels]), 3) * 1.0
        answers = dict(
            objectness=dict(scores=torch.tensor([scores])),
            classification=dict(scores=classes),
        )
        positive = self.assigned > 0
        targets = dict(
            objectness=Target(torch.tensor([overlaps]), positive),
            labels=Target(torch.tensor([[1, 1, 2, 0]]), positive),
        )
        if urgency is not None:
            answers['urgency'] = dict(labels=torch.tensor([answer]))
            values = torch.tensor([urgency])
            targets['urgency'] = Target(values, values >= 0)
        if zones is not None:
            answers['distance'] = dict(
                scores=torch.nn.functional.one_hot(torch.tensor([zones]), 3) * 1.0
            )
            targets['zones'] = Target(torch.tensor([[0, 0, 1, 0]]), positive)
        return image_error_target(answers, targets, self.assigned, [2], 0.3)

    def test_all_right_is_zero(self):
        target = self.error([0.9, 0.8, 0.9, 0.1], [1, 1, 2, 0], [0.9, 0.9, 0.9, 0])
        assert target.values[:, 0].tolist() == [0.0] and target.valid.all()

    def test_the_best_location_answers_for_the_object(self):
        wrong_second = [1, 0, 2, 0]
        target = self.error([0.9, 0.8, 0.9, 0.1], wrong_second, [0.9, 0.9, 0.9, 0])
        assert target.values[0, 0].item() == 0.0
        target = self.error([0.8, 0.9, 0.9, 0.1], wrong_second, [0.9, 0.9, 0.9, 0])
        assert target.values[0, 0].item() == 0.5

    @pytest.mark.parametrize(
        ('scores', 'overlaps'),
        [
            ([0.9, 0.8, 0.2, 0.1], [0.9] * 3 + [0]),
            ([0.9] * 3 + [0.1], [0.9, 0.9, 0.4, 0]),
        ],
    )
    def test_low_score_or_bad_box_is_wrong(self, scores, overlaps):
        assert self.error(scores, [1, 1, 2, 0], overlaps).values[0, 0].item() == 0.5

    def test_wrong_zone_is_wrong(self):
        args = [0.9, 0.8, 0.9, 0.1], [1, 1, 2, 0], [0.9, 0.9, 0.9, 0]
        assert self.error(*args, zones=[0, 0, 1, 0]).values[0, 0].item() == 0.0
        assert self.error(*args, zones=[0, 0, 2, 0]).values[0, 0].item() == 0.5

    def test_a_wrong_urgency_is_an_error_of_its_own(self):
        args = [0.9, 0.8, 0.9, 0.1], [1, 1, 2, 0], [0.9, 0.9, 0.9, 0]
        right = self.error(*args, urgency=3, answer=3).values
        wrong = self.error(*args, urgency=3, answer=0).values
        assert right.tolist() == [[0.0, 0.0]] and wrong.tolist() == [[0.0, 1.0]]

    def test_an_unlabelled_urgency_is_unknown(self):
        args = [0.9, 0.8, 0.9, 0.1], [1, 1, 2, 0], [0.9, 0.9, 0.9, 0]
        target = self.error(*args, urgency=-1, answer=0)
        assert target.valid.all() and target.values[0, 1].isnan()

    def test_nothing_labelled_is_not_valid(self):
        answers = dict(
            objectness=dict(scores=torch.zeros(1, 4)),
            classification=dict(scores=torch.zeros(1, 4, 3)),
        )
        none = torch.zeros(1, 4, dtype=torch.bool)
        targets = dict(
            objectness=Target(torch.zeros(1, 4), ~none),
            labels=Target(torch.zeros(1, 4, dtype=torch.long), none),
        )
        target = image_error_target(
            answers, targets, torch.zeros(1, 4, dtype=torch.long), [0], 0.3
        )
        assert not target.valid.any()
