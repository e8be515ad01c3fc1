"""What misses cost a year, and when a better collection has paid for itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """A way to collect: share of events that its model misses, and what it costs."""

    name: str
    miss_rate: float
    setup_cost: float


@dataclass(frozen=True)
class PlanCost:
    """A plan in money.

    Attributes:
        plan: The plan.
        misses_per_year: Events missed.
        yearly_cost: Their cost.
        first_year_cost: With the set-up.
        break_even_years: Until it is cheaper than the first plan; inf if never, nan for
            the first plan.
    """

    plan: Plan
    misses_per_year: float
    yearly_cost: float
    first_year_cost: float
    break_even_years: float


def plan_costs(
    plans: Sequence[Plan], events_per_year: float, cost_per_miss: float
) -> list[PlanCost]:
    """Costs of each plan; the first is what the others are held against.

    Raises:
        ValueError: If there is no plan, or a number is not finite, negative or no
            share.
    """
    if not plans:
        raise ValueError('no plan to cost')
    for what, value in (
        ('events per year', events_per_year),
        ('cost per miss', cost_per_miss),
        *((f'set-up cost of {plan.name}', plan.setup_cost) for plan in plans),
    ):
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f'{what} must be a number >= 0, got {value}')
    for plan in plans:
        if not 0 <= plan.miss_rate <= 1:
            raise ValueError(
                f'miss rate of {plan.name} must be in [0, 1], got {plan.miss_rate}'
            )
    rows: list[PlanCost] = []
    for plan in plans:
        misses = events_per_year * plan.miss_rate
        yearly = misses * cost_per_miss
        years = math.nan
        if rows:
            more = plan.setup_cost - plans[0].setup_cost
            saved = rows[0].yearly_cost - yearly
            years = (
                0.0 if more <= 0 <= saved else more / saved if saved > 0 else math.inf
            )
        rows.append(PlanCost(plan, misses, yearly, plan.setup_cost + yearly, years))
    return rows
