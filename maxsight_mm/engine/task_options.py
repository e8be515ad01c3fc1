"""Turns short flags for image tasks into options of a config."""

from argparse import ArgumentParser, Namespace
from typing import Any

from mmengine.config import Config

from .balancing.metric_balancer import STRATEGIES
from .config_loading import ConfigError

LOSS_TYPES: dict[str, dict[str, Any]] = {
    'ce': dict(type='SafetyCrossEntropyLoss'),
    'bce': dict(type='SafetyBCELoss'),
    'focal': dict(type='SafetyFocalLoss', alpha=1.0),
}


def add_task_flags(parser: ArgumentParser) -> None:
    """Add the flags that :func:`task_options` reads."""
    parser.add_argument(
        '--multi-task', action='store_true', help='refuse a config with one task'
    )
    parser.add_argument(
        '--loss-types',
        nargs='+',
        default=[],
        metavar='TASK LOSS',
        help=f'pairs of a task and one of {", ".join(LOSS_TYPES)}',
    )
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument(
        '--effective-class-weights',
        action='store_true',
        help='class weights by the effective number of samples',
    )
    weights.add_argument(
        '--disable-class-weights', action='store_true', help='all classes weigh 1'
    )
    parser.add_argument(
        '--balanced-sampling',
        nargs='?',
        const='',
        metavar='TASK',
        help='draw the classes of a task equally often; the first if not named',
    )
    parser.add_argument(
        '--adaptive-weights',
        action='store_true',
        help='weigh the tasks anew after every validation',
    )
    parser.add_argument('--weighting-strategy', choices=tuple(STRATEGIES))


def task_options(args: Namespace, config: Config) -> dict[str, Any]:
    """Values by dotted key, for :func:`~.config_loading.replace_values`.

    Args:
        args: What a parser with :func:`add_task_flags` gave.
        config: Of an ``ImageTaskClassifier``.

    Raises:
        ConfigError: If the config has no heads by task, or a flag does not fit it.
    """
    heads = config.model.get('heads') or {}
    tasks = [task for task, head in heads.items() if head is not None]
    if not tasks:
        raise ConfigError('the config has no model.heads: no image task classifier')
    if args.multi_task and len(tasks) < 2:
        raise ConfigError(f'--multi-task: the config has one task, {tasks[0]!r}')
    options: dict[str, Any] = {}
    for task, name in _loss_pairs(args.loss_types, tasks).items():
        weight = heads[task].get('loss', {}).get('class_weight')
        loss = {**LOSS_TYPES[name], 'class_weight': weight}
        options[f'model.heads.{task}.loss'] = loss
    if args.effective_class_weights or args.disable_class_weights:
        weight = 'effective_number' if args.effective_class_weights else None
        for task in tasks:
            key = f'model.heads.{task}.loss'
            if key in options:
                options[key]['class_weight'] = weight
            else:
                options[f'{key}.class_weight'] = weight
    if args.balanced_sampling is not None:
        task = args.balanced_sampling or tasks[0]
        _known(task, tasks, '--balanced-sampling')
        sampler = dict(type='ClassBalancedSampler', task=task)
        options['train_dataloader.sampler'] = sampler
    if args.weighting_strategy and not args.adaptive_weights:
        raise ConfigError(
            '--weighting-strategy does nothing without --adaptive-weights'
        )
    if args.adaptive_weights:
        strategy = args.weighting_strategy or 'inverse_accuracy'
        options['optim_wrapper.type'] = 'BalancedOptimWrapper'
        balancer = dict(type='MetricBalancer', strategy=strategy)
        options['optim_wrapper.balancer'] = balancer
        hook = dict(type='AdaptiveTaskWeightHook')
        options['default_hooks.adaptive_task_weight'] = hook
    return options


def _loss_pairs(words: list[str], tasks: list[str]) -> dict[str, str]:
    if len(words) % 2:
        raise ConfigError(f'--loss-types: pairs of TASK LOSS, got {" ".join(words)}')
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    for task, name in pairs.items():
        _known(task, tasks, '--loss-types')
        if name not in LOSS_TYPES:
            raise ConfigError(
                f'--loss-types {task}: {name!r} is none of {", ".join(LOSS_TYPES)}'
            )
    return pairs


def _known(task: str, tasks: list[str], flag: str) -> None:
    if task not in tasks:
        raise ConfigError(f'{flag}: no task {task!r}; tasks: {", ".join(tasks)}')
