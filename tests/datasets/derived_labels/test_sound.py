import numpy as np
import pytest

from maxsight_mm.datasets.derived_labels.sound import (
    SOUND_PRIORITY,
    sound_azimuth_deg,
    sound_events,
)
from maxsight_mm.synthetic.street import SOUND_LABELS, StreetWorld


def sample(*sounds, **extra):
    return {'gt_tasks': {'sounds': list(sounds)}, **extra}


def sound(label, azimuth=0.0, start=0.0, end=1.0):
    return dict(label=label, azimuth_deg=azimuth, start_s=start, end_s=end)


def test_events_are_a_multi_hot_of_the_labels():
    events = sound_events(sample(sound('horn'), sound('steps'), sound('horn')))
    assert events.tolist() == [0, 1, 1, 0, 0, 0]
    assert events.dtype == np.float32


def test_quiet_is_a_label_and_no_annotation_is_none():
    assert sound_events(sample()).tolist() == [0] * 6
    assert np.isnan(sound_azimuth_deg(sample())).all()
    assert sound_events({'gt_tasks': {}}) is None
    assert sound_azimuth_deg({'gt_tasks': {}}) is None


def test_azimuth_is_that_of_the_most_pressing_sound():
    sounds = [sound('steps', -50, 0.0), sound('horn', 30, 0.5), sound('horn', 9, 0.2)]
    assert sound_azimuth_deg(sample(*sounds)).tolist() == [9]
    assert sorted(SOUND_PRIORITY) == sorted(SOUND_LABELS)


def test_sound_without_direction_has_none():
    assert np.isnan(sound_azimuth_deg(sample({'label': 'siren'}))).all()


def test_only_what_sounds_in_the_loaded_stretch_counts():
    early, late = sound('siren', -40, 0, 0.5), sound('steps', 20, 2.2, 4)
    for rate_hz in (8_000, 16_000, 44_100):
        audio = np.zeros((2, rate_hz), np.float32)
        stretch = dict(audio=audio, audio_rate_hz=rate_hz, audio_start_s=1.5)
        heard = sample(early, late, sound('horn', 0, 2.6), **stretch)
        assert sound_events(heard).tolist() == [0, 0, 1, 0, 0, 0]
        assert sound_azimuth_deg(heard).tolist() == [20]


def test_a_data_set_may_name_its_own_sounds():
    named = {'sound_labels': ['rain', 'dog', 'siren']}
    assert sound_events(sample(sound('dog'), **named)).tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="'horn'; the labels are rain, dog, siren"):
        sound_events(sample(sound('horn'), **named))
    # The order of what matters is known of street sounds only.
    with pytest.raises(ValueError, match="unknown sound 'dog'"):
        sound_azimuth_deg(sample(sound('dog'), **named))


@pytest.mark.parametrize('derive', [sound_events, sound_azimuth_deg])
def test_unknown_sound_is_refused_by_name(derive):
    with pytest.raises(ValueError, match="unknown sound 'Siren'; the labels are siren"):
        derive(sample(sound('Siren')))


def test_street_world_sounds_are_known():
    world = StreetWorld()
    for seed in range(5):
        events = [vars(event) for event in world.sound(seed)[1]]
        assert sound_events(sample(*events)).sum() == len({e['label'] for e in events})
