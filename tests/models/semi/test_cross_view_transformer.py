import torch
from mmengine.structures import InstanceData
from torch.nn.functional import binary_cross_entropy_with_logits

from maxsight_mm.models.semi import CrossViewTransformer, TeacherViews
from tests.models.toy_defects import SIZE, view

CHANNELS = 4


def _transformer(**kwargs) -> CrossViewTransformer:
    torch.manual_seed(0)
    model = CrossViewTransformer(
        num_classes=2,
        roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=2, sampling_ratio=2),
            out_channels=CHANNELS,
            featmap_strides=[8],
        ),
        embed_dims=32,
        num_layers=1,
        num_heads=2,
        **kwargs,
    )
    model.init_weights()
    return model


def _boxes(boxes, scores, labels=None) -> InstanceData:
    return InstanceData(
        bboxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        scores=torch.tensor(scores, dtype=torch.float32),
        labels=torch.tensor(labels or [0] * len(scores), dtype=torch.int64),
    )


def _views(boxes: list[InstanceData], parts: list[int]) -> TeacherViews:
    seen: dict[int, int] = {}
    samples = []
    for part in parts:
        seen[part] = seen.get(part, -1) + 1
        samples.append(view(part, seen[part]))
    feats = (torch.zeros(len(parts), CHANNELS, SIZE // 8, SIZE // 8),)
    return TeacherViews(feats, samples, boxes)


HERE, THERE = (8, 8, 24, 24), (36, 36, 60, 60)


def test_untaught_it_changes_nothing():
    boxes = [_boxes([HERE, THERE], [0.9, 0.2]), _boxes([HERE], [0.6])]
    found = _transformer()(_views(boxes, [1, 1]))
    for logits, given in zip(found, boxes, strict=True):
        torch.testing.assert_close(logits.sigmoid(), given.scores)


def test_views_of_other_parts_have_no_say():
    model = _transformer()
    torch.nn.init.normal_(model.correction.weight)
    one, other = _boxes([HERE], [0.6]), _boxes([THERE], [0.9])
    alone = model(_views([one], [1]))[0]
    beside = model(_views([one, other], [1, 2]))[0]
    together = model(_views([one, other], [1, 1]))[0]
    torch.testing.assert_close(beside, alone)
    assert (together - alone).abs() > 1e-4


def test_a_box_that_another_view_confirms_learns_to_count_more():
    """A box is true where the other view of its part has one at the same place."""
    torch.manual_seed(0)
    model = _transformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)

    def sample():
        boxes, truths, parts = [], [], []
        for part in range(16):
            here = torch.rand(2) * 40
            same = torch.rand(()) < 0.5
            there = here if same else torch.rand(2) * 40
            for corner in (here, there):
                x, y = corner.tolist()
                boxes.append(_boxes([(x, y, x + 16, y + 16)], [0.5]))
                truths.append(same)
                parts.append(part)
        return _views(boxes, parts), torch.stack(truths).float()

    for _ in range(300):
        views, truths = sample()
        loss = binary_cross_entropy_with_logits(torch.cat(model(views)), truths)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    views, truths = sample()
    right = (torch.cat(model(views)).sigmoid() > 0.5) == truths.bool()
    assert right.float().mean() > 0.8


def test_boxes_beyond_the_limit_keep_their_score():
    model = _transformer(max_boxes=1)
    torch.nn.init.normal_(model.correction.weight)
    boxes = _boxes([HERE, THERE], [0.9, 0.2])
    logits = model(_views([boxes], [1]))[0]
    assert (logits[0].sigmoid() - 0.9).abs() > 1e-3
    torch.testing.assert_close(logits[1].sigmoid(), torch.tensor(0.2))


def test_views_without_boxes_are_no_trouble():
    model = _transformer()
    none = _boxes([], [])
    assert [len(each) for each in model(_views([none, none], [1, 1]))] == [0, 0]
    found = model(_views([none, _boxes([HERE], [0.5])], [1, 2]))
    assert [len(each) for each in found] == [0, 1]
    assert torch.isfinite(found[1]).all()


def test_more_views_than_places_share_them():
    model = _transformer(max_views=2)
    boxes = [_boxes([HERE], [0.5]) for _ in range(5)]
    found = model(_views(boxes, [3] * 5))
    assert [len(each) for each in found] == [1] * 5
