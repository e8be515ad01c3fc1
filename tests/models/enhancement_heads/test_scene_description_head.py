import pytest
import torch

from maxsight_mm.datasets.derived_labels.caption import caption_ids
from maxsight_mm.models.enhancement_heads import SceneDescriptionHead
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.vocabulary import BOS, EOS, PAD, UNK, VOCABULARY

CAPTIONS = ['A car 2.5 m ahead: danger.', 'A street at night with nothing near.']
LENGTH = 20


def make_ids():
    ids = [caption_ids({'gt_tasks': {'caption': c}})[:LENGTH] for c in CAPTIONS]
    return torch.stack([torch.from_numpy(i) for i in ids])


def make_features(ids=None, num_objects=None):
    generator = torch.Generator().manual_seed(0)
    features = FeatureBundle(
        images=torch.zeros(2, 3, 32, 48),
        context_tokens=torch.randn(2, 6, 8, generator=generator),
    )
    if ids is not None:
        features['caption_ids'] = ids
    if num_objects is not None:
        features['instance_features'] = torch.randn(
            2, num_objects, 5, generator=generator
        )
        mask = torch.ones(2, num_objects, dtype=torch.bool)
        mask[1] = False
        features['instance_mask'] = mask
    return features


def make_head(**settings):
    torch.manual_seed(0)
    settings = dict(channels=16, num_layers=2, num_heads=2, dropout=0.0) | settings
    return SceneDescriptionHead(8, max_length=LENGTH, **settings)


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('labelled', [True, False])
def test_logits_have_one_shape(training, labelled):
    features = make_features(make_ids() if labelled else None)
    outputs = make_head().train(training)(features)
    assert outputs['logits'].shape == (2, LENGTH - 1, len(VOCABULARY))


def test_the_cache_gives_what_a_full_pass_gives():
    head = make_head(instance_channels=5).eval()
    features = make_features(num_objects=3)
    memory, mask = head.memory(features)
    ids = torch.randint(4, len(VOCABULARY), (2, LENGTH - 1))
    state = head.decoder.start(memory, mask)
    stepped = torch.stack([head.decoder.step(word, state) for word in ids.T], 1)
    assert torch.allclose(stepped, head.decoder(ids, memory, mask), atol=1e-5)


def test_greedy_words_are_those_of_full_passes():
    head = make_head().eval()
    features = make_features()
    memory, mask = head.memory(features)
    ids = torch.full((2, 1), BOS)
    for _ in range(LENGTH - 1):
        word = head.choose(head.decoder(ids, memory, mask)[:, -1])
        ids = torch.cat([ids, word[:, None]], 1)
    logits = head(features)['logits']
    for row, wanted in zip(head.choose(logits), ids[:, 1:], strict=True):
        end = (wanted == EOS).nonzero().flatten().tolist()
        upto = end[0] + 1 if end else LENGTH
        assert torch.equal(row[:upto], wanted[:upto])


def test_a_word_never_sees_those_behind_it():
    head = make_head()
    ids = make_ids()
    before = head(make_features(ids))['logits']
    changed = ids.clone()
    changed[:, 6] = 30
    after = head(make_features(changed))['logits']
    assert torch.equal(before[:, :6], after[:, :6])
    assert not torch.equal(before[:, 6], after[:, 6])


def test_learns_two_captions_and_says_them():
    head = make_head(channels=32)
    ids = make_ids()
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-2)
    for _ in range(80):
        loss = head.loss(head(make_features(ids)), {'caption_ids': ids})
        loss = loss['loss_scene_description']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    outputs = head.eval()(make_features())
    assert head.predict(outputs) == {'captions': CAPTIONS}
    assert torch.equal(outputs['logits'], head(make_features())['logits'])


def test_an_untaught_head_never_says_a_special_word():
    head = make_head()
    outputs = head.eval()(make_features())
    said = head.choose(outputs['logits'])
    assert not torch.isin(said, torch.tensor([PAD, BOS, UNK])).any()


def test_padding_objects_change_nothing():
    head = make_head(instance_channels=5).eval()
    features = make_features(num_objects=3)
    plain = head(features)['logits']
    features['instance_features'][1] += 7.0
    moved = head(features)['logits']
    assert torch.equal(plain[1], moved[1])
    features['instance_features'][0] += 7.0
    assert not torch.equal(plain[0], head(features)['logits'][0])


def test_no_objects_at_all_are_no_error():
    head = make_head(instance_channels=5)
    outputs = head(make_features(make_ids(), num_objects=0))
    loss = head.loss(outputs, {'caption_ids': make_ids()})
    loss['loss_scene_description'].backward()
    assert all(p.grad is not None for p in head.parameters())


def test_loss_is_cross_entropy_of_the_known_words():
    head = make_head()
    logits = torch.zeros(1, LENGTH - 1, len(VOCABULARY))
    ids = torch.full((1, LENGTH), -1)
    ids[0, :3] = torch.tensor([BOS, 10, EOS])
    loss = head.loss({'logits': logits}, {'caption_ids': ids})
    wanted = torch.tensor(float(len(VOCABULARY))).log()
    assert loss['loss_scene_description'].item() == pytest.approx(wanted.item())


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match='max_length'):
        make_head()(make_features(torch.ones(2, 9, dtype=torch.int64)))


def test_widths_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match='num_heads'):
        SceneDescriptionHead(8, channels=20, num_heads=8)


def test_the_full_width_has_near_seventeen_million_parameters():
    head = SceneDescriptionHead(256, instance_channels=256)
    assert 16e6 < sum(p.numel() for p in head.parameters()) < 18.5e6


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_autocast_gives_finite_losses(dtype):
    head = make_head()
    with torch.autocast('cpu', dtype=dtype):
        outputs = head(make_features(make_ids()))
        loss = head.loss(outputs, {'caption_ids': make_ids()})
    assert loss['loss_scene_description'].isfinite()
