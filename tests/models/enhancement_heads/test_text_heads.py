import numpy as np
import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.datasets.derived_labels.text import text_ids, text_quads, text_regions
from maxsight_mm.evaluation.functional.quads import quad_iou
from maxsight_mm.models.enhancement_heads import TextDetectionHead, TextRecognitionHead
from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.task_modules.text_maps import grid_points
from maxsight_mm.structures import FeatureBundle, Target
from maxsight_mm.taxonomy.characters import NUM_CHARACTERS, encode

SIZE = (64, 96)
WORDS = [('EXIT', (8, 8, 48, 24)), ('Bus', (40, 36, 88, 56))]


def quad_of(box):
    x0, y0, x1, y1 = box
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def labels(texts):
    results = {
        'gt_tasks': {'texts': [{'text': w, 'quad': quad_of(b)} for w, b in texts]},
        'img_shape': SIZE,
    }
    return [torch.from_numpy(f(results)) for f in (text_regions, text_quads, text_ids)]


def make_batch():
    """Two images, one with two texts and one with none, and their features."""
    generator = torch.Generator().manual_seed(0)
    columns = [
        torch.stack(of_both) for of_both in zip(labels(WORDS), labels([]), strict=True)
    ]
    regions, quads, ids = columns
    images = torch.randn(2, 3, *SIZE, generator=generator)
    fine = torch.randn(2, 8, SIZE[0] // 4, SIZE[1] // 4, generator=generator)
    features = {'images': images, 'context_fine': fine, 'text_quads': quads}
    targets = {
        'text_regions': Target(regions, torch.tensor([True, True])),
        'text_quads': Target(quads, torch.tensor([True, False])),
        'text_ids': Target(ids, torch.tensor([True, False])),
    }
    return features, targets


def make_heads(**recognition):
    torch.manual_seed(0)
    heads = HeadSet(
        dict(
            find=dict(type='TextDetectionHead', hidden_channels=16),
            read=dict(
                type='TextRecognitionHead',
                channels=8,
                hidden_channels=16,
                **recognition,
            ),
        ),
        dict(context_fine=8, images=3),
    )
    heads.init_weights()
    return heads


def fit(heads, steps, targets=None):
    features, all_targets = make_batch()
    targets = all_targets if targets is None else targets
    optimizer = torch.optim.Adam(heads.parameters(), lr=5e-3)
    first = None
    for _ in range(steps):
        losses = heads.loss(heads(FeatureBundle(features)), targets)
        first = first or {k: v.item() for k, v in losses.items()}
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
    return first, {k: v.item() for k, v in losses.items()}


@pytest.mark.parametrize('training', [True, False])
def test_outputs_have_one_shape_in_training_and_evaluation(training):
    features, _ = make_batch()
    outputs = make_heads().train(training)(FeatureBundle(features))
    assert outputs['text_detection']['logits'].shape == (2, 1, 16, 24)
    assert outputs['text_detection']['offsets'].shape == (2, 8, 16, 24)
    assert outputs['text_recognition']['logits'].shape == (2, 16, 32, NUM_CHARACTERS)
    assert outputs['text_recognition']['present'].sum(1).tolist() == [2, 0]


def test_both_heads_fit_a_batch_and_read_what_they_find():
    heads = make_heads(jitter=0.0)
    first, last = fit(heads, 150)
    assert last['loss_text_recognition'] < 0.1 * first['loss_text_recognition']
    features, _ = make_batch()
    del features['text_quads']
    answers = heads.eval().predict(heads(FeatureBundle(features)))
    quads = answers['text_detection']['quads']
    assert [len(q) for q in quads] == [2, 0]
    order = quads[0][:, 0, 1].argsort()
    for quad, (_, box) in zip(quads[0][order].numpy(), WORDS, strict=True):
        assert quad_iou(quad, np.array(quad_of(box))) > 0.7
    texts = answers['text_recognition']['texts']
    assert len(texts[0]) == 2 and texts[1] == []
    assert all(0.5 <= s <= 1 for s in answers['text_detection']['scores'][0].tolist())


def test_a_batch_of_images_without_text_teaches_the_background():
    features, targets = make_batch()
    regions = targets['text_regions']
    empty = Target(torch.zeros_like(regions.values), regions.valid)
    heads = make_heads()
    losses = heads.loss(heads(FeatureBundle(features)), {'text_regions': empty})
    assert losses['loss_text_detection_score'] > 0
    assert losses['loss_text_detection_quad'] == 0
    assert losses['loss_text_recognition'] == 0


@pytest.mark.parametrize('quads', ['of labels', 'of the detector', 'all nan'])
def test_unlabelled_batch_gives_connected_zero_loss(quads):
    features, _ = make_batch()
    if quads == 'of the detector':
        del features['text_quads']
    if quads == 'all nan':
        features['text_quads'] = torch.full((2, 16, 4, 2), float('nan'))
    heads = make_heads()
    total = sum(heads.loss(heads(FeatureBundle(features)), {}).values())
    assert total.item() == 0
    total.backward()
    assert all(p.grad is not None for p in heads.parameters())


def test_gradients_reach_every_parameter():
    features, targets = make_batch()
    heads = make_heads()
    sum(heads.loss(heads(FeatureBundle(features)), targets).values()).backward()
    assert all(p.grad.abs().sum() > 0 for p in heads.parameters())


def test_illegible_text_costs_nothing_either_way():
    head = TextDetectionHead(8, hidden_channels=8)
    regions = labels([('###', WORDS[0][1])])[0][None]
    logits = torch.full((1, 1, 16, 24), -20.0)
    outputs = {'logits': logits, 'offsets': torch.zeros(1, 8, 16, 24)}
    quiet = head.loss(outputs, {'text_regions': regions})
    logits[..., 2:6, 2:12] = 20.0  # exactly the text
    loud = head.loss(outputs, {'text_regions': regions})
    assert quiet['loss_text_detection_score'] < 1e-4
    assert loud['loss_text_detection_score'] < 1e-4


def test_corner_loss_is_smooth_l1_in_heights():
    head = TextDetectionHead(8, hidden_channels=8)
    regions = labels([('EXIT', (8, 8, 48, 24))])[0][None]
    points = grid_points(16, 24, 4, 'cpu')
    away = torch.tensor(quad_of((8, 8, 48, 24))).float() - points[:, None]
    away[:, 0, 0] += 8.0  # half a height at one of eight numbers
    offsets = away.flatten(1).T.reshape(1, 8, 16, 24)
    outputs = {'logits': torch.zeros(1, 1, 16, 24), 'offsets': offsets}
    loss = head.loss(outputs, {'text_regions': regions})['loss_text_detection_quad']
    assert loss.item() == pytest.approx(0.5 * 0.5**2 / 8, rel=1e-4)


def test_recognition_loss_is_ctc_of_the_taught_texts():
    head = TextRecognitionHead(channels=8, hidden_channels=16)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 32, NUM_CHARACTERS, generator=generator)
    ids = torch.full((2, 3, 24), -1)
    ids[0, 1, :4] = torch.tensor(encode('EXIT'))
    ids[1, 0, :2] = torch.tensor(encode('Go'))
    present = torch.tensor([[True, True, False], [False, True, True]])
    loss = head.loss({'logits': logits, 'present': present}, {'text_ids': ids})
    alone = F.ctc_loss(
        logits[0, 1].log_softmax(-1)[:, None],
        torch.tensor([encode('EXIT')]),
        torch.tensor([32]),
        torch.tensor([4]),
    )
    assert loss['loss_text_recognition'].item() == pytest.approx(alone.item(), rel=1e-5)


def test_a_text_that_has_no_path_costs_nothing():
    head = TextRecognitionHead(channels=8, hidden_channels=16)
    logits = torch.randn(1, 1, 32, NUM_CHARACTERS, requires_grad=True)
    ids = torch.full((1, 1, 40), encode('A')[0])  # forty repeats need 79 steps
    outputs = {'logits': logits, 'present': torch.ones(1, 1, dtype=torch.bool)}
    loss = head.loss(outputs, {'text_ids': ids})['loss_text_recognition']
    assert loss.item() == 0
    loss.backward()
    assert logits.grad.isfinite().all()


def test_greedy_decoding_by_hand():
    head = TextRecognitionHead(channels=8, hidden_channels=16)
    logits = torch.zeros(1, 2, 32, NUM_CHARACTERS)
    path = [0, *encode('SS'), 0, *encode('STTO'), 0, *encode('P')]
    for step, character in enumerate(path):
        logits[0, 0, step, character] = 5.0
    present = torch.tensor([[True, False]])
    answers = head.predict({'logits': logits, 'present': present})
    assert answers == {'texts': [['SSTOP']]}


def test_without_case_capitals_are_taught_as_small_letters():
    logits = torch.randn(1, 1, 32, NUM_CHARACTERS)
    losses = []
    for word, case_sensitive in (('exit', True), ('EXIT', False)):
        head = TextRecognitionHead(
            channels=8, hidden_channels=16, case_sensitive=case_sensitive
        )
        outputs = {'logits': logits, 'present': torch.ones(1, 1, dtype=torch.bool)}
        ids = torch.tensor([[encode(word)]])
        losses.append(head.loss(outputs, {'text_ids': ids})['loss_text_recognition'])
    assert torch.equal(*losses)


def test_quads_across_the_border_are_read():
    features, _ = make_batch()
    box = torch.tensor(quad_of((-20, -5, 30, 12))).float()
    features['text_quads'][0, 0] = box
    outputs = make_heads().eval()(FeatureBundle(features))['text_recognition']
    assert outputs['logits'].isfinite().all()


def test_a_text_is_taught_alike_whatever_else_the_batch_shows():
    """Crops are few and jittered: their batch statistics would be those of chance."""
    features, _ = make_batch()
    heads = make_heads(jitter=0.0).train()
    both = heads(FeatureBundle(features))['text_recognition']['logits'][0, 0]
    features['text_quads'][0, 1] = float('nan')
    alone = heads(FeatureBundle(features))['text_recognition']['logits'][0, 0]
    assert torch.allclose(both, alone, atol=1e-5)


def test_the_full_width_has_near_ten_million_parameters():
    count = sum(p.numel() for p in TextRecognitionHead().parameters())
    assert 9e6 < count < 10e6


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_autocast_gives_finite_losses(dtype):
    features, targets = make_batch()
    heads = make_heads()
    with torch.autocast('cpu', dtype=dtype):
        losses = heads.loss(heads(FeatureBundle(features)), targets)
    assert all(torch.isfinite(value) for value in losses.values())
