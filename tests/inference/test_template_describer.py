import pytest

from maxsight_mm.inference.template_describer import Sighting, TemplateDescriber
from maxsight_mm.taxonomy.vocabulary import VOCABULARY

# With a field of view of 120 degrees, the border is at 60.
DESCRIBER = TemplateDescriber(image_width=640, hfov_deg=120)


def at(x, **fields):
    return Sighting(fields.pop('name', 'car'), (x - 10, 100, x + 10, 140), **fields)


@pytest.mark.parametrize(
    ('x', 'hour'), [(320, 12), (640, 2), (0, 10), (320 + 106.7, 1), (320 - 106.7, 11)]
)
def test_hours_follow_the_bearing(x, hour):
    # 320 / tan(60 deg) = 184.75 px focal length; 106.7 px aside is 30 degrees.
    assert DESCRIBER.hour(at(x).box) == hour


def test_focal_length_and_field_of_view_agree():
    other = TemplateDescriber(640, focal_px=184.752)
    assert [other.hour(at(x).box) for x in range(0, 641, 16)] == [
        DESCRIBER.hour(at(x).box) for x in range(0, 641, 16)
    ]


def test_phrases_run_by_urgency_then_distance():
    seen = [
        at(320, name='bench', urgency=0, zone=0),
        at(640, urgency=2, zone=2, moving=True),
        at(0, name='person', urgency=2, distance_m=3.54),
        at(320, name='open manhole', urgency=3, zone=0),
    ]
    assert DESCRIBER.phrases(seen) == [
        "open manhole, 12 o'clock, near",
        "person, 10 o'clock, 3.5 m",
        "moving car, 2 o'clock, far",
        "bench, 12 o'clock, near",
    ]


def test_the_sentence_opens_with_the_worst_level():
    seen = [at(320, urgency=3, distance_m=2.0), at(640, name='dog', moving=True)]
    text = DESCRIBER.sentence(seen)
    assert text == "Danger: car, 12 o'clock, 2.0 m; moving dog, 2 o'clock."
    assert VOCABULARY.encode(text)[1] == 0


def test_without_urgency_the_sentence_has_no_level():
    assert DESCRIBER.sentence([at(320, zone=1)]) == "Car, 12 o'clock, medium."


def test_nothing_and_the_unsure_are_not_named():
    assert DESCRIBER.phrases([]) == [] and DESCRIBER.sentence([]) == 'Nothing detected.'
    assert DESCRIBER.phrases([at(320, score=0.1)]) == []


def test_no_more_is_said_than_asked_for():
    short = TemplateDescriber(640, hfov_deg=66, max_phrases=2)
    assert len(short.phrases([at(x) for x in range(0, 640, 64)])) == 2


def test_an_infinite_distance_falls_back_to_the_zone():
    seen = at(320, distance_m=float('inf'), zone=2)
    assert DESCRIBER.phrases([seen]) == ["car, 12 o'clock, far"]


@pytest.mark.parametrize(
    'settings', [{}, dict(focal_px=1, hfov_deg=1), dict(hfov_deg=180), dict(focal_px=0)]
)
def test_bad_cameras_are_refused(settings):
    with pytest.raises(ValueError):
        TemplateDescriber(640, **settings)


@pytest.mark.parametrize('fields', [dict(urgency=4), dict(zone=-1)])
def test_bad_levels_are_refused(fields):
    with pytest.raises(ValueError, match='must be'):
        at(320, **fields)
