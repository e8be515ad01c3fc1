"""Flips an image together with the labels that know left from right."""

import re
from collections.abc import Sequence

from mmdet.datasets.transforms import RandomFlip

from ...registry import TRANSFORMS

_SOUND_TASKS = ('sounds', 'audio_file')
_SIDE = re.compile(r'\b(left|right)\b', re.IGNORECASE)


@TRANSFORMS.register_module()
class TaskRandomFlip(RandomFlip):
    """``RandomFlip`` for samples with relations, captions, texts or sound.

    When the image is mirrored, left and right change places in the predicates
    of relations; a caption that names a side, and texts, which can no longer be
    read, become unlabelled. Loaded audio is mirrored too: the ears change places and
    azimuths their sign. A sample whose sound is not loaded yet is not flipped, since
    its audio would still come from the old side, unless ``drop_sound`` or
    ``swap_ears`` is set.

    Args:
        prob: Share of the images that are flipped, as in ``RandomFlip``.
        direction: 'horizontal', 'vertical' or 'diagonal', or several.
        drop_sound: Make the sound unlabelled and flip, for models without ears.
        swap_ears: Flip the sound too: azimuths change their sign here, the ears
            change places in ``LoadAudio``, which must stand behind.

    Raises:
        ValueError: If the sound is to be dropped and flipped.
    """

    def __init__(
        self,
        prob: float | Sequence[float] | None = None,
        direction: str | Sequence[str] = 'horizontal',
        drop_sound: bool = False,
        swap_ears: bool = False,
    ) -> None:
        super().__init__(prob=prob, direction=direction)
        if drop_sound and swap_ears:
            raise ValueError('drop_sound and swap_ears exclude each other')
        self.drop_sound = drop_sound
        self.swap_ears = swap_ears

    def _flip_on_direction(self, results: dict) -> None:
        if self.drop_sound:
            tasks = results.get('gt_tasks', {})
            results['gt_tasks'] = {
                name: tasks[name] for name in tasks if name not in _SOUND_TASKS
            }
            results.pop('audio', None)
        unloaded = _has_sound(results) and 'audio' not in results
        if unloaded and not self.swap_ears:
            results['flip'] = False
            results['flip_direction'] = None
            return
        super()._flip_on_direction(results)

    def _flip(self, results: dict) -> None:
        super()._flip(results)
        if is_mirrored(results):
            mirror_tasks(results)
            results['tasks_mirrored'] = True
            if self.swap_ears or 'audio' in results:
                swap_ears(results)


def is_mirrored(results: dict) -> bool:
    """Whether the last flip exchanged left and right."""
    direction = results.get('flip_direction')
    return bool(results.get('flip')) and direction in ('horizontal', 'diagonal')


def sided_labels(results: dict) -> list[str]:
    """Names of the labels that a mirrored image makes wrong."""
    tasks = results.get('gt_tasks', {})
    names = []
    if any(_SIDE.search(relation[1]) for relation in tasks.get('relations', ())):
        names.append('relations')
    if _SIDE.search(tasks.get('caption', '')):
        names.append('caption')
    if tasks.get('texts') or 'texts' in results.get('gt_instance_tasks', {}):
        names.append('texts')
    if _has_sound(results):
        names.append('sounds')
    return names


def mirror_tasks(results: dict) -> None:
    """Mirrors the labels that can be mirrored and drops the others, in place."""
    tasks = dict(results.get('gt_tasks', {}))
    if _SIDE.search(tasks.get('caption', '')):
        del tasks['caption']
    tasks.pop('texts', None)
    if 'relations' in tasks:
        tasks['relations'] = [
            [subject, _SIDE.sub(_other_side, predicate), object_]
            for subject, predicate, object_ in tasks['relations']
        ]
    results['gt_tasks'] = tasks
    objects = dict(results.get('gt_instance_tasks', {}))
    objects.pop('texts', None)
    results['gt_instance_tasks'] = objects


def swap_ears(results: dict) -> None:
    """Mirrors the directions of sounds and the loaded audio, in place.

    Audio that is not loaded yet is asked for mirrored.
    """
    results['ears_swapped'] = not results.get('ears_swapped', False)
    if 'audio' in results:
        results['audio'] = results['audio'][::-1].copy()
    tasks = results.get('gt_tasks', {})
    if 'sounds' in tasks:
        mirrored = [
            {**sound, 'azimuth_deg': -sound['azimuth_deg']}
            if 'azimuth_deg' in sound
            else sound
            for sound in tasks['sounds']
        ]
        results['gt_tasks'] = {**tasks, 'sounds': mirrored}


def _other_side(match: re.Match) -> str:
    return 'right' if match.group().lower() == 'left' else 'left'


def _has_sound(results: dict) -> bool:
    tasks = results.get('gt_tasks', {})
    return bool(tasks.get('sounds')) or 'audio_file' in tasks
