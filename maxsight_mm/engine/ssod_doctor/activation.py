"""A loss that trains one activation in a head that scores with the other."""

from .case import Case
from .finding import Finding
from .score_heads import ScoreHead, score_heads


def check_activation(case: Case) -> list[Finding]:
    """Sigmoid losses in softmax heads and the reverse, and losses that do not build."""
    if case.detector is None:
        fault = case.detector_fault or 'it cannot be built'
        fix = 'a detector that builds (mmdet FocalLoss: use_sigmoid=True only)'
        return [Finding('error', 'activation', 'model.detector', fault, fix)]
    return [
        _mismatch(head)
        for head in score_heads(case.detector)
        if head.train_sigmoid != head.test_sigmoid
    ]


def _mismatch(head: ScoreHead) -> Finding:
    name = type(head.loss).__name__
    if head.kind != 'roi':
        trained, tested = _words(head.train_sigmoid), _words(head.test_sigmoid)
        return Finding(
            'error',
            'activation',
            f'{head.place}: {name} trains a {trained}',
            f'the head reads use_sigmoid from the config, where it is not written, and '
            f'scores with a {tested}',
            f'use_sigmoid={head.train_sigmoid} in {head.place}',
        )
    return Finding(
        'error',
        'activation',
        f'{head.place}: {name} trains {head.num_classes + 1} independent sigmoids, '
        'the background among them',
        'the head scores with a softmax over them, which no loss has trained; alpha '
        'weighs the positive side of the background as well, so it favours objects '
        'over background not at all',
        "dict(type='maxsight_mm.SafetyFocalLoss', use_sigmoid=False, alpha=1.0, ...), "
        'with class_weight where one side shall weigh more',
    )


def _words(sigmoid: bool) -> str:
    return 'sigmoid' if sigmoid else 'softmax'
