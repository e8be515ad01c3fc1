import numpy as np

import maxsight_mm.datasets.transforms  # noqa: F401  fills the registry
from maxsight_mm.datasets.derived_labels.caption import caption_ids
from maxsight_mm.datasets.derived_labels.text import (
    LEGIBLE,
    NOTHING,
    UNREADABLE,
    text_ids,
    text_quads,
    text_regions,
)
from maxsight_mm.registry import TRANSFORMS
from maxsight_mm.taxonomy.characters import decode
from maxsight_mm.taxonomy.vocabulary import BOS, EOS, VOCABULARY

QUAD = [[10.0, 10.0], [50.0, 10.0], [50.0, 20.0], [10.0, 20.0]]


def results_with(texts, scale=None):
    tasks = {} if texts is None else {'texts': texts}
    results = {'gt_tasks': tasks, 'img_shape': (100, 200)}
    if scale is not None:
        results['homography_matrix'] = np.diag([*scale, 1.0])
    return results


def text(word, shift=0.0, height=10.0):
    quad = np.array(QUAD) + shift
    quad[2:, 1] = quad[0, 1] + height
    return {'text': word, 'quad': quad.tolist()}


def test_unlabelled_texts_give_no_label():
    for derive in (text_regions, text_quads, text_ids):
        assert derive(results_with(None)) is None


def test_an_image_without_text_is_labelled_and_has_none():
    regions = text_regions(results_with([]))
    assert np.isfinite(regions).all() and (regions[:, 8] == NOTHING).all()
    assert np.isnan(text_quads(results_with([]))).all()
    assert (text_ids(results_with([])) == -1).all()


def test_words_and_quads_share_their_slots():
    results = results_with([text('###'), text('Caf\u00e9 9'), text('STOP', 40)])
    regions, quads, ids = (f(results) for f in (text_regions, text_quads, text_ids))
    assert regions.dtype == quads.dtype == np.float32 and ids.dtype == np.int64
    assert regions.shape == (64, 9)
    assert regions[:4, 8].tolist() == [UNREADABLE, LEGIBLE, LEGIBLE, NOTHING]
    assert quads.shape == (16, 4, 2) and ids.shape == (16, 24)
    assert np.allclose(quads[0], QUAD) and np.allclose(quads[1], np.array(QUAD) + 40)
    assert [decode(row[row >= 0]) for row in ids[:3]] == ['Cafe 9', 'STOP', '']
    assert np.isnan(quads[2]).all()


def test_quads_are_in_pixels_of_the_resized_image():
    quads = text_quads(results_with([text('A')], scale=(0.5, 2.0)))
    assert np.allclose(quads[0], np.array(QUAD) * [0.5, 2.0])


def test_text_out_of_view_is_left_out():
    regions = text_regions(results_with([text('A', 400)], scale=(1.0, 1.0)))
    assert (regions[:, 8] == NOTHING).all()


def test_of_too_many_words_the_largest_stay():
    texts = [text(str(k), height=1.0 + k) for k in range(18)]
    ids = text_ids(results_with(texts))
    assert [decode(row[row >= 0]) for row in ids] == [str(k) for k in range(2, 18)]


def test_a_word_longer_than_its_slot_is_not_taught():
    assert (text_ids(results_with([text('x' * 25)])) == -1).all()
    assert text_regions(results_with([text('x' * 25)]))[0, 8] == LEGIBLE


def test_a_caption_becomes_word_indices():
    ids = caption_ids({'gt_tasks': {'caption': 'A car 3.5 m ahead.'}})
    assert ids.shape == (64,) and ids.dtype == np.int64
    assert ids[0] == BOS and ids[9] == EOS and (ids[10:] == -1).all()
    assert VOCABULARY.decode(ids[1:]) == 'A car 3.5 m ahead.'


def test_a_caption_too_long_has_no_end():
    ids = caption_ids({'gt_tasks': {'caption': 'car ' * 80}})
    assert len(ids) == 64 and EOS not in ids and (ids >= 0).all()


def test_no_caption_is_unlabelled():
    assert caption_ids({'gt_tasks': {}}) is None


def test_the_pipeline_gives_quads_where_the_evaluator_has_them():
    steps = [
        dict(type='LoadTaskAnnotations', with_bbox=True),
        dict(type='Resize', scale=(100, 25), keep_ratio=False),
        dict(
            type='DeriveTaskLabels',
            labels=['text_regions', 'text_quads', 'text_ids', 'caption_ids'],
        ),
        dict(type='PackTaskInputs'),
    ]
    results = {
        'img': np.zeros((100, 200, 3), np.uint8),
        'img_shape': (100, 200),
        'ori_shape': (100, 200),
        'height': 100,
        'width': 200,
        'img_id': 0,
        'img_path': 'none',
        'instances': [],
        'tasks': {'texts': [text('STOP')], 'caption': 'A stop sign ahead.'},
    }
    for step in steps:
        results = TRANSFORMS.build(step)(results)
    labels = results['data_samples'].gt_tasks
    assert labels.text_quads.shape == (16, 4, 2) and labels.caption_ids.shape == (64,)
    assert np.allclose(labels.text_quads[0], np.array(QUAD) * [0.5, 0.25])
    assert np.allclose(labels.text_quads[0], labels.texts[0]['quad'])
    assert np.allclose(labels.text_regions[0, :8], labels.text_quads[0].flatten())
