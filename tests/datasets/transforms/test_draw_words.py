import numpy as np
import pytest

from maxsight_mm.datasets.transforms import DrawWords
from maxsight_mm.registry import TRANSFORMS
from maxsight_mm.taxonomy.characters import encode

LOAD = {'type': 'LoadTaskAnnotations', 'with_bbox': True}
PACK = {'type': 'PackTaskInputs'}


@pytest.fixture
def loaded(results):
    """A grey picture with one annotated word, its labels loaded."""
    results['img'] = np.full((240, 320, 3), 128, np.uint8)
    results['img_shape'] = results['ori_shape'] = (240, 320)
    quad = [[10, 20], [60, 20], [60, 40], [10, 40]]
    results['tasks'] = {'texts': [{'text': 'EXIT', 'quad': quad}]}
    return TRANSFORMS.build(LOAD)(results)


def test_drawn_words_lie_in_their_quads_and_on_no_other_text(loaded):
    np.random.seed(0)
    before = loaded['img'].copy()
    out = DrawWords(count=(3, 3))(loaded)
    changed = (out['img'] != before).any(-1)
    first, *drawn = out['gt_tasks']['texts']
    assert (first['text'], len(drawn)) == ('EXIT', 3)
    assert not changed[20:40, 10:60].any()
    for text in drawn:
        quad = np.array(text['quad'])
        assert encode(text['text'])
        assert (quad >= 0).all()
        assert (quad <= (320, 240)).all()
        low, high = np.floor(quad.min(0)).astype(int), np.ceil(quad.max(0)).astype(int)
        inside = (slice(low[1], high[1]), slice(low[0], high[0]))
        assert changed[inside].mean() > 0.1
        changed[inside] = False
    assert not changed.any()


def test_words_stay_where_they_were_drawn_after_a_crop(loaded):
    """Their corners are stored as if they had been there before the crop."""
    zoom = TRANSFORMS.build({'type': 'RandomZoom'})
    zoom._draw = lambda: (2.0, 1.0, 1.0)
    zoomed = zoom(loaded)
    before = zoomed['img'].copy()
    np.random.seed(1)
    out = DrawWords(count=(1, 1))(zoomed)
    rows, columns = np.nonzero((out['img'] != before).any(-1))
    (text,) = TRANSFORMS.build(PACK)(out)['data_samples'].gt_tasks.texts
    quad = np.array(text['quad'])
    # Letters fill their quad but for a border.
    assert quad.min(0) == pytest.approx((columns.min(), rows.min()), abs=8)
    assert quad.max(0) == pytest.approx((columns.max(), rows.max()), abs=8)


def test_unlabelled_pictures_and_those_not_drawn_pass_unchanged(loaded):
    plain = {'img': loaded['img'].copy(), 'gt_tasks': {}}
    assert DrawWords(count=(3, 3))(plain)['gt_tasks'] == {}
    out = DrawWords(count=(3, 3), prob=0.0)(loaded)
    assert len(out['gt_tasks']['texts']) == 1
    assert (out['img'] == 128).all()


def test_a_word_that_finds_no_room_is_left_out(loaded):
    np.random.seed(0)
    out = DrawWords(count=(5, 5), height_px=(200.0, 200.0))(loaded)
    assert len(out['gt_tasks']['texts']) < 3


@pytest.mark.parametrize(
    'options', [{'count': (3, 2)}, {'height_px': (0, 9)}, {'prob': 2}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match='must'):
        DrawWords(**options)
