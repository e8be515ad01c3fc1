import math

import pytest
import torch
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.models.enhancement_heads import SemanticRelationHead
from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.task_modules import context_targets
from maxsight_mm.structures import FeatureBundle, Target, TaskSample
from maxsight_mm.taxonomy.predicates import RELATIONS

CPU = torch.device('cpu')


def small_head():
    torch.manual_seed(0)
    return SemanticRelationHead(
        8, hidden_channels=32, edge_channels=16, num_layers=1, num_heads=4
    )


def features(count=4, batch=2):
    generator = torch.Generator().manual_seed(0)
    low = torch.rand(batch, count, 2, generator=generator) * 40
    return FeatureBundle(
        images=torch.zeros(batch, 3, 64, 96),
        instance_boxes=torch.cat([low, low + 10], dim=-1),
        instance_mask=torch.ones(batch, count, dtype=torch.bool),
        instance_features=torch.randn(batch, count, 8, generator=generator),
    )


def target(labels):
    return {'relation_labels': Target(labels, labels >= 0)}


def losses(head, outputs, targets):
    return HeadSet._head_losses(head, {head.task: outputs}, targets)


def sample(count, labels=None):
    made = TaskSample(gt_instances=InstanceData(bboxes=torch.zeros(count, 4)))
    made.gt_tasks = BaseDataElement()
    if labels is not None:
        made.gt_tasks.relation_labels = labels
    return made


def test_pairs_of_a_batch_are_padded_to_the_most_objects():
    first = torch.tensor([[-1, 2], [0, -1]])
    found = context_targets(
        [sample(2, first), sample(3), sample(0, torch.zeros(0, 0, dtype=torch.int64))],
        ['relation_labels'],
        CPU,
    )['relation_labels']
    assert found.values.shape == (3, 3, 3)
    assert found.values[0, :2, :2].tolist() == first.tolist()
    assert found.valid.sum() == 2 and found.valid[0, 0, 1] and found.valid[0, 1, 0]


def test_pairs_of_another_number_of_objects_are_refused():
    with pytest.raises(ValueError, match='3 x 3 pairs of boxes'):
        context_targets(
            [sample(3, torch.zeros(2, 2, dtype=torch.int64))], ['relation_labels'], CPU
        )


def test_loss_of_even_logits_is_the_logarithm_of_the_number_of_relations():
    head = small_head().eval()
    logits = torch.zeros(3, len(RELATIONS))
    # All shares are equal before training, so all weights are too.
    loss = head.loss({'logits': logits}, {'relation_labels': torch.tensor([0, 3, 8])})
    assert loss['loss_semantic_relation'].item() == pytest.approx(math.log(9), abs=1e-5)


def test_rare_labels_weigh_by_the_root_of_their_share():
    head = small_head().eval()
    head.shares.fill_(0.01)
    head.shares[0] = 0.81
    logits = torch.zeros(1, len(RELATIONS))
    common, rare = (
        head.loss({'logits': logits}, {'relation_labels': torch.tensor([k])})
        for k in (0, 1)
    )
    ratio = rare['loss_semantic_relation'] / common['loss_semantic_relation']
    assert ratio.item() == pytest.approx(9.0, rel=1e-4)


def test_relations_are_learnt():
    head = small_head()
    labels = torch.tensor(
        [[-1, 1, 0, 0], [2, -1, 0, 0], [0, 0, -1, 3], [0, 8, 4, -1]]
    ).repeat(2, 1, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.005)
    for _ in range(120):
        loss = sum(losses(head, head(features()), target(labels)).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answers = head.predict(head(features()))
    known = labels >= 0
    assert torch.equal(answers['labels'][known], labels[known])
    assert answers['labels'].diagonal(dim1=1, dim2=2).abs().sum() == 0
    assert all(p.grad.abs().sum() > 0 for p in head.parameters())


@pytest.mark.parametrize('count', [0, 1])
def test_images_of_none_and_of_one_object_cost_a_connected_zero(count):
    head = small_head()
    outputs = head(features(count))
    assert outputs['logits'].shape == (2, count, count, len(RELATIONS))
    labels = torch.full((2, count, count), -1)
    loss = losses(head, outputs, target(labels))['loss_semantic_relation']
    assert loss.item() == 0
    loss.backward()
    assert head.predict(outputs)['labels'].shape == (2, count, count)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_is_finite(dtype):
    head = small_head()
    with torch.autocast('cpu', dtype=dtype):
        loss = losses(head, head(features()), target(torch.ones(2, 4, 4).long()))
    assert loss['loss_semantic_relation'].isfinite()


def test_full_width_has_the_planned_size():
    count = sum(p.numel() for p in SemanticRelationHead(256).parameters())
    assert 5.5e6 < count < 8e6
