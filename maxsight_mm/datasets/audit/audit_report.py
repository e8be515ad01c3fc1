"""The findings of an audit as Markdown."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from .box_statistics import BoxStatistics
from .collection import AuditedPicture
from .composition import ScenarioRow
from .duplicates import Twins
from .miss_cost import PlanCost

# Rows that a person reads; audit.json has them all.
MAX_ROWS = 30
# Below so many pictures a share says little.
FEW = 20


def audit_markdown(
    pictures: Sequence[AuditedPicture],
    mix: Sequence[ScenarioRow],
    classes: Mapping[str, Mapping[str, int]],
    boxes: Sequence[BoxStatistics],
    twins: Sequence[Twins],
    unreadable: Mapping[str, str],
    plans: Sequence[PlanCost],
    currency: str,
) -> str:
    """The report; sections without anything to say are left out."""
    splits = Counter(picture.split for picture in pictures)
    lines = ['# Audit', '', f'{len(pictures)} pictures: ' + _counted(splits), '']
    leaks = [each for each in twins if each.is_leak]
    lines += _leaks(leaks, twins)
    if unreadable:
        lines += [f'## {len(unreadable)} unreadable pictures', '']
        lines += [f'* {why}' for why in list(unreadable.values())[:MAX_ROWS]] + ['']
    if mix:
        lines += _mix(mix)
    if classes:
        lines += _classes(classes)
    if boxes:
        lines += _boxes(boxes)
    if plans:
        lines += _plans(plans, currency)
    return '\n'.join(lines).rstrip() + '\n'


def card_facts(
    pictures: Sequence[AuditedPicture],
    twins: Sequence[Twins],
    unreadable: Mapping[str, str],
) -> dict[str, str]:
    """What a data card says was counted."""
    facts = {'Pictures': _counted(Counter(picture.split for picture in pictures))}
    labels = Counter(name for picture in pictures for name in picture.classes)
    if labels:
        facts['Labels'] = _counted(labels)
    tags = Counter(p.scenario for p in pictures if p.scenario is not None)
    if tags:
        facts['Scenarios'] = _counted(tags)
    leaks = sum(each.is_leak for each in twins)
    facts['Pictures that look alike'] = f'{leaks} pairs across splits, ' + (
        f'{len(twins) - leaks} within'
    )
    facts['Unreadable'] = str(len(unreadable))
    return facts


def _counted(counts: Counter) -> str:
    return ', '.join(f'{count} {name}' for name, count in counts.most_common(MAX_ROWS))


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    marks = ['---'] + ['---:'] * (len(head) - 1)
    cells = [head, marks, *([str(cell) for cell in row] for row in rows)]
    return ['| ' + ' | '.join(row) + ' |' for row in cells] + ['']


def _leaks(leaks: Sequence[Twins], twins: Sequence[Twins]) -> list[str]:
    lines = [
        f'## {len(leaks)} pairs across splits, {len(twins) - len(leaks)} within',
        '',
    ]
    if not twins:
        return [*lines, 'No two pictures look alike.', '']
    if leaks:
        lines += ['A picture across splits is judged by a model that saw its twin.', '']
    rows = [
        [f'`{t.first}`', f'`{t.second}`', ' / '.join(t.splits), t.bits]
        for t in twins[:MAX_ROWS]
    ]
    lines += _table(['picture', 'looks like', 'splits', 'bits of 128'], rows)
    if len(twins) > MAX_ROWS:
        lines += [f'{len(twins) - MAX_ROWS} more in `audit.json`.', '']
    return lines


def _mix(mix: Sequence[ScenarioRow]) -> list[str]:
    lines = ['## Mix of scenarios', '']
    rows = [
        [
            row.scenario,
            f'{row.pictures}{" (few)" if row.pictures < FEW else ""}',
            f'{row.share:.1%} ({row.interval[0]:.0%} to {row.interval[1]:.0%})',
            _percent(row.target),
            _percent(row.natural),
            row.to_add,
        ]
        for row in mix
    ]
    head = ['scenario', 'pictures', 'share', 'target', 'natural', 'to collect']
    lines += _table(head, rows)
    missing = sum(row.to_add for row in mix)
    if missing:
        lines += [f'{missing} pictures more, and the mix is the target.', '']
    return lines


def _classes(classes: Mapping[str, Mapping[str, int]]) -> list[str]:
    splits = list(next(iter(classes.values())))
    totals = {split: sum(c[split] for c in classes.values()) for split in splits}
    rows = [
        [name, *(f'{n[s]} ({n[s] / max(totals[s], 1):.1%})' for s in splits)]
        for name, n in sorted(classes.items(), key=lambda item: -sum(item[1].values()))
    ]
    lines = ['## Classes', '', *_table(['class', *splits], rows[:MAX_ROWS])]
    if len(rows) > MAX_ROWS:
        lines += [f'{len(rows) - MAX_ROWS} rarer classes in `audit.json`.', '']
    absent = [
        f'{name} in {split}'
        for name, n in classes.items()
        for split in splits
        if not n[split]
    ]
    return lines + (
        [f'Nothing of {", ".join(absent[:MAX_ROWS])}.', ''] if absent else []
    )


def _boxes(boxes: Sequence[BoxStatistics]) -> list[str]:
    rows = [
        [
            row.name,
            row.boxes,
            f'{row.boxes / row.pictures:.1f}',
            _quartiles(row.width_px, '.0f'),
            _quartiles(row.height_px, '.0f'),
            _quartiles(row.aspect_wh, '.2f'),
            _quartiles([100 * share for share in row.area_share], '.1f'),
            row.tiny,
            row.degenerate,
        ]
        for row in boxes[:MAX_ROWS]
    ]
    head = [
        'class',
        'boxes',
        'a picture',
        'width, px',
        'height, px',
        'width / height',
        'area, %',
        'under 16 px',
        'without area',
    ]
    return ['## Boxes (quartiles)', '', *_table(head, rows)]


def _plans(plans: Sequence[PlanCost], currency: str) -> list[str]:
    rows = [
        [
            row.plan.name,
            f'{row.plan.miss_rate:.0%}',
            f'{row.plan.setup_cost:,.0f}',
            f'{row.misses_per_year:,.1f}',
            f'{row.yearly_cost:,.0f}',
            f'{row.first_year_cost:,.0f}',
            _break_even(row.break_even_years),
        ]
        for row in plans
    ]
    head = [
        'plan',
        'missed',
        'set-up',
        'misses a year',
        'cost a year',
        'first year',
        f'pays off against {plans[0].plan.name} after',
    ]
    return [f'## What misses cost, {currency}', '', *_table(head, rows)]


def _break_even(years: float) -> str:
    if math.isnan(years):
        return '-'
    return 'never' if math.isinf(years) else f'{12 * years:.1f} months'


def _percent(share: float) -> str:
    return '-' if math.isnan(share) else f'{share:.0%}'


def _quartiles(values: Sequence[float], form: str) -> str:
    return ' / '.join('-' if math.isnan(v) else f'{v:{form}}' for v in values)
