"""A teacher that does not follow its student, or follows it blindly."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from .case import Case
from .finding import Finding
from .teacher_hook import teacher_hook


def check_teacher_update(case: Case) -> list[Finding]:
    """Presence, timing, momentum and buffers of the mean teacher hook."""
    hook = teacher_hook(case.config)
    if hook is None:
        tested = (case.config['model'].get('semi_test_cfg') or {}).get('predict_on')
        also = '' if tested == 'student' else ', and so are the tests'
        return [
            Finding(
                'error',
                'teacher_update',
                'custom_hooks has no MeanTeacherHook',
                'the teacher keeps its random head: pseudo-labels are noise' + also,
                "custom_hooks=[dict(type='MeanTeacherHook', momentum=0.001)]",
            )
        ]
    findings = []
    length = (case.config.get('train_cfg') or {}).get('max_iters', float('inf'))
    first = hook.get('burn_in_iters', 0) + hook.get('interval', 1)
    if first > length:
        findings.append(
            Finding(
                'error',
                'teacher_update',
                f'{hook["type"]} first averages in iteration {first}',
                f'the training ends at {length}: there is no mean teacher',
                'a shorter burn_in_iters or interval',
            )
        )
    momentum = hook.get('momentum', 0.001)
    if momentum > 0.5:
        findings.append(
            Finding(
                'error',
                'teacher_update',
                f'{hook["type"]}.momentum={momentum:g}',
                f"it is the student's share of each update: the teacher is a copy of "
                f'the last {1 / momentum:.1f} steps, not an average',
                f'momentum={1 - momentum:.4g} for a decay of {momentum:g}',
            )
        )
    moving = _moving_norms(case.detector)
    if hook.get('skip_buffer') and moving:
        findings.append(
            Finding(
                'error',
                'teacher_update',
                f'{hook["type"]}.skip_buffer=True with trained batch norms '
                f'({len(moving)}, such as {moving[0]})',
                'the teacher keeps the statistics that it started with while its '
                'weights follow the student',
                'skip_buffer=False, or norm_eval=True',
            )
        )
    return findings


def _moving_norms(detector: nn.Module | None) -> list[str]:
    """Batch norms that gather statistics while the detector trains."""
    if detector is None:
        return []
    return [
        name
        for name, module in detector.named_modules()
        if isinstance(module, _BatchNorm) and module.training
    ]
