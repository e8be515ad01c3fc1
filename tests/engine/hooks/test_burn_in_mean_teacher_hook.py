from types import SimpleNamespace

import pytest
import torch
from torch import nn

from maxsight_mm.engine.hooks import BurnInMeanTeacherHook


class _Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.student = nn.Linear(1, 1, bias=False)
        self.teacher = nn.Linear(1, 1, bias=False)
        self.burning_in = False


def _run(hook, values) -> tuple[list[float], list[bool]]:
    """Teacher's weight after each iteration in which the student's is as given."""
    runner = SimpleNamespace(model=_Pair(), iter=0)
    teacher, burning_in = [], []
    for runner.iter, value in enumerate(values):
        hook.before_train_iter(runner, runner.iter)
        burning_in.append(runner.model.burning_in)
        with torch.no_grad():
            runner.model.student.weight.fill_(value)
        hook.after_train_iter(runner, runner.iter)
        teacher.append(runner.model.teacher.weight.item())
    return teacher, burning_in


def test_teacher_copies_then_averages_with_a_growing_memory():
    hook = BurnInMeanTeacherHook(burn_in_iters=2, momentum=0.001)
    teacher, burning_in = _run(hook, [5.0, 4.0, 15.0, 2.0])
    # 4; then 4 * 2/11 + 15 * 9/11 = 13, and 13 * 3/12 + 2 * 9/12
    assert teacher == pytest.approx([5.0, 4.0, 13.0, 4.75])
    assert burning_in == [True, True, False, False]


def test_memory_grows_up_to_the_momentum():
    hook = BurnInMeanTeacherHook(burn_in_iters=1, momentum=0.9)
    teacher, _ = _run(hook, [0.0, 0.0, 1.0, 1.0])
    assert teacher == pytest.approx([0.0, 0.0, 0.9, 0.99])


def test_between_intervals_the_teacher_stays_but_not_at_the_end_of_the_burn_in():
    hook = BurnInMeanTeacherHook(burn_in_iters=3, momentum=0.001, interval=2)
    teacher, _ = _run(hook, [1.0, 2.0, 3.0, 9.0])
    assert teacher[1:3] == [2.0, 3.0]


def test_a_negative_burn_in_is_refused():
    with pytest.raises(ValueError, match='burn_in_iters must be 0 or more, got -1'):
        BurnInMeanTeacherHook(burn_in_iters=-1)
