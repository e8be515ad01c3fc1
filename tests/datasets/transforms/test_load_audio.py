import numpy as np
import pytest

from maxsight_mm.datasets import InvalidAudioError, MaxSightCocoDataset
from maxsight_mm.registry import TRANSFORMS
from maxsight_mm.synthetic.map_files import write_sound

AUDIO = {'type': 'LoadAudio', 'sample_rate_hz': 100, 'duration_s': 1.0}


@pytest.fixture
def recording(tmp_path):
    """Three seconds at 100 Hz; a ramp in the left ear, its opposite in the right."""
    ramp = np.arange(300, dtype=np.float32) / 300
    write_sound(tmp_path / 'a.wav', np.stack([ramp, -ramp]), 100)
    return str(tmp_path / 'a.wav')


def load(path=None, step=AUDIO, **fields):
    tasks = {} if path is None else {'audio_file': path}
    return TRANSFORMS.build(step)({'gt_tasks': tasks, **fields})


@pytest.mark.parametrize(
    ('frame', 'start_s'), [(0, 0), (3, 0), (4, 0), (6, 0.5), (12, 2), (99, 2)]
)
def test_stretch_ends_with_the_frame_within_the_recording(recording, frame, start_s):
    results = load(recording, frame_id=frame, fps=4)
    assert results['audio_start_s'] == start_s
    assert results['audio_rate_hz'] == 100
    assert results['audio'].shape == (2, 100)
    assert results['audio'].dtype == np.float32
    expected = (np.arange(100) + 100 * start_s) / 300
    np.testing.assert_allclose(results['audio'], [expected, -expected], atol=1e-4)


def test_rate_of_the_frames_may_come_from_the_step(recording):
    assert load(recording, {**AUDIO, 'fps': 4}, frame_id=8)['audio_start_s'] == 1
    assert load(recording, {**AUDIO, 'fps': 4}, frame_id=8, fps=8)['audio_start_s'] == 0


def test_frame_of_unknown_time_takes_the_beginning(recording):
    assert load(recording)['audio_start_s'] == 0
    assert load(recording, frame_id=8)['audio_start_s'] == 0


def test_short_recording_is_followed_by_zeros(tmp_path):
    write_sound(tmp_path / 's.wav', np.full((2, 30), 0.5, np.float32), 100)
    audio = load(str(tmp_path / 's.wav'), frame_id=5, fps=1)['audio']
    assert np.count_nonzero(audio, axis=1).tolist() == [30, 30]
    assert (audio[:, :30] != 0).all()


@pytest.mark.parametrize(('channels', 'said'), [(1, 1), (2, 2), (4, 2)])
def test_mono_is_given_to_both_ears_and_said_so(tmp_path, channels, said):
    levels = np.linspace(0.1, 0.4, channels, dtype=np.float32)
    write_sound(tmp_path / 'c.wav', np.repeat(levels[:, None], 100, 1), 100)
    results = load(str(tmp_path / 'c.wav'))
    assert results['audio_channels'] == said
    expected = levels[[0, min(1, channels - 1)]]
    np.testing.assert_allclose(results['audio'][:, 0], expected, atol=1e-4)


def test_other_rates_are_resampled_to_the_exact_length(tmp_path):
    tone = 0.5 * np.sin(2 * np.pi * 300 * np.arange(44_100) / 44_100)
    write_sound(tmp_path / 't.wav', np.stack([tone, tone]), 44_100)
    audio = load(str(tmp_path / 't.wav'), {'type': 'LoadAudio'})['audio']
    expected = 0.5 * np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000)
    assert audio.shape == (2, 16_000)
    assert np.abs(audio[0] - expected)[500:-500].max() < 0.01


def test_sample_without_sound_is_empty():
    results = load()
    assert results['audio'].shape == (2, 0)
    assert results['audio_channels'] == 0
    assert 'audio_start_s' not in results


def test_ears_change_places_with_a_flip(recording):
    plain, swapped = load(recording), load(recording, ears_swapped=True)
    assert np.array_equal(plain['audio'], swapped['audio'][::-1])


def test_broken_sound_is_skipped_in_training_only(street_clips, tmp_path):
    (tmp_path / 'a.wav').write_bytes(b'RIFF')
    steps = [{'type': 'LoadTaskAnnotations', 'with_bbox': True}, AUDIO]
    for test_mode in (False, True):
        data = MaxSightCocoDataset(
            data_root=str(street_clips),
            ann_file='annotations/train.json',
            pipeline=steps,
            serialize_data=False,
            test_mode=test_mode,
            max_bad_images=0.5,
        )
        data.data_list[0]['tasks']['audio_file'] = str(tmp_path / 'a.wav')
        if test_mode:
            with pytest.raises(InvalidAudioError, match='not a readable WAV'):
                data.prepare_data(0)
        else:
            assert data.prepare_data(0) is None


@pytest.mark.parametrize('option', ['sample_rate_hz', 'duration_s', 'fps'])
def test_options_are_checked(option):
    with pytest.raises(ValueError, match=f'{option} must be a number above 0'):
        TRANSFORMS.build({**AUDIO, option: 0})
