"""Unlabelled pictures that are not there, or whose loss is zero."""

from collections.abc import Mapping
from typing import Any

from .case import Case
from .finding import Finding

CHECK = 'unlabelled_batch'


def check_unlabelled_batch(case: Case) -> list[Finding]:
    """The weight of the unlabelled loss, its share of the batch, and its pictures."""
    findings = []
    if case.train_settings.get('unsup_weight', 1.0) == 0:
        findings.append(
            _error(
                'model.semi_train_cfg.unsup_weight=0',
                'pseudo-labels are made and their loss is thrown away',
                'a weight above 0, or a supervised config',
            )
        )
    return findings + _share(case.config) + _pictures(case)


def source_counts(batch_size: int, source_ratio: list[float]) -> list[int]:
    """Pictures of each source in a batch, as MMDetection's sampler rounds them."""
    counts = [int(batch_size * ratio / sum(source_ratio)) for ratio in source_ratio]
    return [batch_size - sum(counts[1:]), *counts[1:]]


def _share(config: Mapping[str, Any]) -> list[Finding]:
    loader = config['train_dataloader']
    sampler = loader.get('sampler') or {}
    ratio, size = sampler.get('source_ratio'), sampler.get('batch_size')
    findings = []
    if ratio is None:
        findings.append(
            Finding(
                'warning',
                CHECK,
                f'train_dataloader.sampler {sampler.get("type")} has no source_ratio',
                'a batch may hold no unlabelled or no labelled picture',
                "sampler=dict(type='MultiSourceSampler', batch_size=5, "
                'source_ratio=[1, 4])',
            )
        )
    size = size or loader.get('batch_size')
    if size and loader.get('batch_size', size) != size:
        findings.append(
            _error(
                f'train_dataloader.batch_size={loader["batch_size"]}, '
                f'its sampler.batch_size={size}',
                'the sampler lays out batches of another length: some have no '
                'unlabelled picture',
                'the same number in both',
            )
        )
    if ratio is not None and size and sum(ratio) > 0:
        counts = source_counts(size, list(ratio))
        if min(counts) < 1:
            which = 'labelled' if counts[0] < 1 else 'unlabelled'
            findings.append(
                _error(
                    f'source_ratio={list(ratio)} of batch_size={size} gives '
                    f'{counts} pictures',
                    f'there is no {which} picture in a batch, and MultiSourceSampler '
                    'waits for one without end',
                    'a larger batch, or a ratio that leaves each source a picture',
                )
            )
    return findings


def _pictures(case: Case) -> list[Finding]:
    labelled, unlabelled = case.labelled, case.unlabelled
    fix = 'the two files of tools/dataset_tools/split_labelled.py'
    if unlabelled is None:
        what = 'train_dataloader has one data set'
        return [_error(what, 'there are no unlabelled pictures', fix)]
    findings = [
        _error(f'{name} data set: {source.fault}', 'it cannot be read', fix)
        for name, source in (('labelled', labelled), ('unlabelled', unlabelled))
        if source.fault
    ]
    if labelled.images is not None and not labelled.num_boxes:
        findings.append(
            _error(f'{labelled.path} has no boxes', 'the student learns nothing', fix)
        )
    if unlabelled.images is None:
        return findings
    if not unlabelled.images:
        findings.append(
            _error(f'{unlabelled.path} has no pictures', 'nothing can be labelled', fix)
        )
    elif unlabelled.drops_empty and not unlabelled.num_boxes:
        findings.append(
            _error(
                'the unlabelled data set has filter_empty_gt=True',
                f'not one picture of {unlabelled.path} has an annotation: all are left '
                'out',
                'filter_cfg=dict(filter_empty_gt=False)',
            )
        )
    elif unlabelled.images == labelled.images:
        findings.append(
            _error(
                f'{labelled.path} and {unlabelled.path} have the same pictures',
                'the teacher labels what is labelled already',
                fix,
            )
        )
    return findings


def _error(what: str, why: str, instead: str) -> Finding:
    return Finding('error', CHECK, what, why, instead)
