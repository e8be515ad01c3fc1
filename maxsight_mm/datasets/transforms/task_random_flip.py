"""Flips an image together with the labels that know left from right."""

import re

from mmdet.datasets.transforms import RandomFlip

from ...registry import TRANSFORMS

_SIDE = re.compile(r'\b(left|right)\b', re.IGNORECASE)


@TRANSFORMS.register_module()
class TaskRandomFlip(RandomFlip):
    """``RandomFlip`` for samples with relations, captions, texts or sound.

    When the image is mirrored, left and right change places in the predicates
    of relations; a caption that names a side, and texts, which can no longer be
    read, become unlabelled. Sound is mirrored too, in every pipeline: azimuths change
    their sign, and the ears change places, here where the audio is loaded and in
    ``LoadAudio`` where it is loaded later. A model without ears may leave it unloaded.

    The arguments are those of ``RandomFlip``.
    """

    def _flip(self, results: dict) -> None:
        super()._flip(results)
        if is_mirrored(results):
            mirror_tasks(results)
            results['tasks_mirrored'] = True
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
