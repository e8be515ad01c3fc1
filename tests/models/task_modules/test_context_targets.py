import pytest
import torch
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.models.task_modules import context_targets
from maxsight_mm.structures import TaskSample

CPU = torch.device('cpu')


def sample(num_objects=1, of_objects=None, **of_image) -> TaskSample:
    made = TaskSample()
    made.gt_instances = InstanceData(
        bboxes=torch.zeros(num_objects, 4), **(of_objects or {})
    )
    if of_image:
        made.gt_tasks = BaseDataElement(**of_image)
    return made


def test_image_without_the_label_is_unlabelled():
    samples = [sample(glare=torch.tensor([0.5])), sample(), sample(other=1)]
    target = context_targets(samples, ['glare', 'nobody'], CPU)
    assert set(target) == {'glare'}
    assert target['glare'].values.shape == (3,)
    assert target['glare'].values[0] == 0.5
    assert target['glare'].valid.tolist() == [True, False, False]


def test_whole_number_below_zero_and_nan_are_unlabelled():
    samples = [
        sample(kind=torch.tensor([-1]), share=torch.tensor([float('nan')])),
        sample(kind=torch.tensor([0]), share=torch.tensor([0.0])),
    ]
    target = context_targets(samples, ['kind', 'share'], CPU)
    assert target['kind'].valid.tolist() == [False, True]
    assert target['share'].valid.tolist() == [False, True]
    assert target['kind'].values.dtype == torch.int64


def test_vector_is_labelled_if_any_number_is():
    nan = float('nan')
    samples = [
        sample(path=torch.tensor([nan, 1.0, nan])),
        sample(path=torch.full((3,), nan)),
    ]
    assert context_targets(samples, ['path'], CPU)['path'].valid.tolist() == [
        True,
        False,
    ]


def test_maps_of_several_sizes_are_padded_with_unknown():
    samples = [sample(map=torch.ones(1, 2, 4)), sample(map=torch.ones(1, 3, 2))]
    target = context_targets(samples, ['map'], CPU)['map']
    assert target.values.shape == (2, 1, 3, 4)
    assert target.values.isfinite().sum(dim=(1, 2, 3)).tolist() == [8, 6]
    assert (target.values[0, 0, :2] == 1).all()
    assert (target.values[1, 0, :, :2] == 1).all()
    assert target.valid.all()


@pytest.mark.parametrize(
    ('first', 'second'), [((3,), (4,)), ((1, 2, 2), (2, 2, 2)), ((2, 3), (2, 3, 1))]
)
def test_other_labels_of_several_shapes_are_refused(first, second):
    samples = [sample(label=torch.ones(first)), sample(label=torch.ones(second))]
    with pytest.raises(ValueError, match='several shapes'):
        context_targets(samples, ['label'], CPU)


def test_objects_are_padded_to_the_most_of_the_batch():
    samples = [
        sample(2, dict(share=torch.tensor([0.1, float('nan')]))),
        sample(0, dict(share=torch.zeros(0))),
        sample(3),
    ]
    target = context_targets(samples, ['share'], CPU)['share']
    assert target.values.shape == (3, 3)
    assert target.valid.tolist() == [[True, False, False], [False] * 3, [False] * 3]


def test_no_object_in_the_batch_gives_an_empty_target():
    samples = [sample(0, dict(share=torch.zeros(0))) for _ in range(2)]
    target = context_targets(samples, ['share'], CPU)['share']
    assert target.values.shape == target.valid.shape == (2, 0)


def test_pairs_stand_in_the_order_of_the_boxes():
    samples = [
        sample(2, relation_labels=torch.tensor([[0, 3], [1, 0]])),
        sample(1, relation_labels=torch.zeros(1, 1, dtype=torch.int64)),
        sample(0),
    ]
    target = context_targets(samples, ['relation_labels'], CPU)['relation_labels']
    assert target.values[0].tolist() == [[0, 3], [1, 0]]
    assert target.valid.sum(dim=(1, 2)).tolist() == [4, 1, 0]


def test_pairs_of_another_number_of_objects_are_refused():
    wrong = sample(1, relation_labels=torch.zeros(2, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match='1 x 1 pairs'):
        context_targets([wrong], ['relation_labels'], CPU)


def test_text_in_place_of_a_tensor_is_refused():
    with pytest.raises(ValueError, match='must be a tensor'):
        context_targets([sample(caption='a car')], ['caption'], CPU)
