"""Say of pictures whether they are safe, unsafe, or for a human to look at.

    python tools/classify.py --image PICTURE --weights CHECKPOINT --threshold 0.2
    python tools/classify.py --image FOLDER 'day_*/*.jpg' --weights CHECKPOINT \\
        --decision decision.json --log decisions.jsonl --json

``--image -`` reads paths from standard input. One line a picture goes to standard
output, the count to standard error. Exit status: 0 every picture was answered, 1 some
were not (they are for a human), 2 bad arguments or input.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from maxsight_mm.engine.config_loading import ConfigError
from maxsight_mm.engine.file_mark import file_mark
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.inference.decision_log import DecisionLog
from maxsight_mm.inference.decision_rule import (
    Decision,
    DecisionRule,
    read_decision_rule,
)
from maxsight_mm.inference.picture_source import picture_paths
from maxsight_mm.inference.review_budget import RollingReviewBudget
from maxsight_mm.inference.review_router import ReviewRouter, count_outcomes
from maxsight_mm.inference.score_drift import ScoreDriftMonitor
from maxsight_mm.inference.task_inferencer import TaskInferencer


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog='exit status: 0 all pictures answered, 1 some not, 2 bad input',
    )
    parser.add_argument(
        '--image', nargs='+', required=True, help='files, folders, patterns, or -'
    )
    parser.add_argument('--weights', type=Path, required=True, help='checkpoint')
    parser.add_argument(
        '--config', type=Path, help='else the one config beside the weights'
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument('--decision', type=Path, help='of classification_report.py')
    way.add_argument(
        '--threshold', type=float, default=0.5, help='unsafe from here on (0.5)'
    )
    parser.add_argument('--task', help='where the model has several')
    parser.add_argument(
        '--unsafe', nargs='+', metavar='CLASS', help="else the class 'unsafe'"
    )
    parser.add_argument(
        '--review', nargs=2, type=float, metavar=('LOW', 'HIGH'), help='for a human'
    )
    parser.add_argument(
        '--review-budget', type=float, metavar='SHARE', help='at most so many of them'
    )
    parser.add_argument('--log', type=Path, help='append decisions to this file')
    parser.add_argument('--json', action='store_true', help='one JSON object a line')
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--device', default='cpu')
    return parser.parse_args(argv)


def config_beside(weights: Path) -> Path:
    """The one config in the folder of the weights.

    Raises:
        ConfigError: If there is none, or several.
    """
    found = sorted(weights.parent.glob('*.py'))
    if len(found) != 1:
        raise ConfigError(
            f'{weights.parent} holds {len(found)} configs; give one with --config'
        )
    return found[0]


def rule_of(args: argparse.Namespace, inferencer: TaskInferencer) -> DecisionRule:
    """The rule that the arguments ask for, of a task that the model has.

    Raises:
        ConfigError: If it does not fit the model.
    """
    mark = file_mark(args.weights)
    heads = inferencer.model.heads
    if args.decision is not None:
        if args.task or args.unsafe:
            raise ConfigError('--task and --unsafe stand in the decision file')
        rule = read_decision_rule(args.decision)
        if rule.model not in (None, mark):
            raise ConfigError(
                f'{args.decision} is for the weights {rule.model}, {args.weights} is '
                f'{mark}: thresholds of one model say nothing of another'
            )
        rule = replace(rule, model=mark)
    else:
        task = args.task or (next(iter(heads)) if len(heads) == 1 else None)
        if task not in heads:
            raise ConfigError(f'--task must be one of {", ".join(heads)}: {task!r}')
        classes = inferencer.tasks.get(task)
        if classes is None:
            raise ConfigError(
                f"the config names no classes: add tasks=dict({task}=('safe', "
                "'unsafe')) to test_dataloader.dataset"
            )
        unsafe = tuple(args.unsafe or ('unsafe',))
        activation = heads[task].activation
        rule = DecisionRule(
            task, classes, unsafe, args.threshold, activation, model=mark
        )
    if rule.task not in heads:
        raise ConfigError(f'the model has no task {rule.task!r}: {", ".join(heads)}')
    if heads[rule.task].num_classes != len(rule.classes):
        raise ConfigError(
            f'{rule.task} has {heads[rule.task].num_classes} classes in the model, '
            f'{len(rule.classes)} in the rule'
        )
    known = inferencer.tasks.get(rule.task, rule.classes)
    if known != rule.classes:
        raise ConfigError(f'{rule.task}: classes {rule.classes}, the config {known}')
    return rule.with_review(*args.review) if args.review else rule


def drift_monitor(rule: DecisionRule) -> ScoreDriftMonitor | None:
    """The watch over the scores, if the rule has enough of them to compare with."""
    if rule.histogram is None:
        return None
    try:
        return ScoreDriftMonitor(*rule.histogram)
    except ValueError as error:
        print(f'classify: no watch over drift: {error}', file=sys.stderr)
        return None


def decisions(
    args: argparse.Namespace, inferencer: TaskInferencer, router: ReviewRouter
) -> Iterator[Decision]:
    """One decision a picture."""
    for answer in inferencer(picture_paths(args.image, sys.stdin)):
        if answer.error is not None:
            yield router.unavailable(answer.source, answer.error)
        else:
            yield router.of_logits(answer.source, answer.logits[router.rule.task])


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('classify'):
        config = args.config or config_beside(args.weights)
        inferencer = TaskInferencer(config, args.weights, args.device, args.batch_size)
        rule = rule_of(args, inferencer)
        budget = args.review_budget
        router = ReviewRouter(
            rule, None if budget is None else RollingReviewBudget(budget)
        )
        log = DecisionLog(args.log, rule) if args.log else None
        drift = drift_monitor(rule)
        made = []
        for decision in decisions(args, inferencer, router):
            made.append(decision)
            if log is not None:
                log.write(decision)
            if drift is not None and decision.score is not None:
                drift.add(decision.score)
            print(_line(decision, args.json), flush=True)
    counts = count_outcomes(made)
    said = ', '.join(f'{count} {name}' for name, count in counts.items())
    print(f'{len(made)} pictures: {said}', file=sys.stderr)
    if drift is not None and drift.has_drifted:
        print(
            f'classify: the scores have drifted from those the thresholds were chosen '
            f'on (PSI {drift.index:.2f}, limit {drift.limit:.2f}): look at the '
            'pictures, and judge the model anew',
            file=sys.stderr,
        )
    sys.exit(1 if counts['unavailable'] else 0)


def _line(decision: Decision, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(decision))
    score = '     -' if decision.score is None else f'{decision.score:6.3f}'
    return f'{decision.outcome:<6} {score}  {decision.picture}  ({decision.reason})'


if __name__ == '__main__':
    main()
