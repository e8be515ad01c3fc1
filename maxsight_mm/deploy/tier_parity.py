"""Does an exported tier say over a stream what the PyTorch tier says?

Both keep their own memory from frame to frame, so that an error that adds up shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from .context_graph import NEXT, ContextGraph
from .deployed_tier import DeployedTier
from .parity_report import FILE_NAME, ParityReport, write_json

# Of the largest magnitude of an output over the stream.
MAX_GAP = 1e-4
MIN_FRAMES = 10
# The heading of hardly any motion is nothing but rounding; the flow it follows from is
# compared.
NOT_JUDGED = ('motion_direction',)
# What the picture moves from frame to frame where there are fewer pictures.
_STEP_PX = 2


@dataclass
class TierParity:
    """Over all frames.

    Attributes:
        safety: Comparison of the safety answers.
        frames: Frames of the stream.
        gaps: Largest difference of a real output over its largest magnitude, by name.
        changed: Frames where an integer or truth value differs, by name.
    """

    safety: ParityReport
    frames: int = 0
    gaps: dict[str, float] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)

    @property
    def failures(self) -> list[str]:
        """One line for each output that differs by more than rounding."""
        lines = self.safety.failures
        lines += [
            f'{name} differs by {gap:.1e} > {MAX_GAP:.0e} of its magnitude'
            for name, gap in self.judged.items()
            if not gap <= MAX_GAP
        ]
        lines += [
            f'{name} changed in {n} frames' for name, n in self.changed.items() if n
        ]
        return lines

    @property
    def passed(self) -> bool:
        """Whether nothing but rounding differs."""
        return not self.failures

    @property
    def judged(self) -> dict[str, float]:
        """The gaps that decide."""
        return {n: gap for n, gap in self.gaps.items() if n not in NOT_JUDGED}

    def write(self, folder: str | Path) -> None:
        """Write ``parity.json`` beside the graph."""
        content = dict(
            self.safety.to_dict(),
            passed=self.passed,
            failures=self.failures,
            context=dict(frames=self.frames, gaps=self.gaps, changed=self.changed),
        )
        write_json(Path(folder) / FILE_NAME, content)

    def table(self) -> str:
        """One screen."""
        worst = sorted(self.judged, key=self.gaps.__getitem__, reverse=True)[:5]
        lines = [f'  {name:<34}{self.gaps[name]:>10.1e}' for name in worst]
        lines += [f'  changed {k}: {n} frames' for k, n in self.changed.items() if n]
        verdict = 'PASSED' if self.passed else 'FAILED'
        return '\n'.join(
            [
                self.safety.table(),
                '',
                f'whole tier {verdict}: {len(self.gaps) + len(self.changed)} outputs '
                f'over {self.frames} frames, memory kept; largest relative gaps:',
                *lines,
            ]
        )


def check_tier(
    graph: ContextGraph,
    candidate: DeployedTier,
    pictures: Sequence[np.ndarray],
    safety: ParityReport,
) -> TierParity:
    """Compare frame by frame.

    Args:
        graph: The PyTorch tier.
        candidate: The exported one; its stream begins anew.
        pictures: (H, W, 3) uint8 BGR; repeated, moving, up to ``MIN_FRAMES``.
        safety: Comparison of the safety answers, to report with it.
    """
    parity = TierParity(safety)
    largest: dict[str, float] = {}
    candidate.forget()
    inputs = {
        name: torch.from_numpy(value.copy())
        for name, value in (candidate.memory | candidate.given).items()
    }
    for index in range(max(MIN_FRAMES, len(pictures))):
        moved = np.roll(pictures[index % len(pictures)], _STEP_PX * index, axis=1)
        pixels = candidate.preparation(moved).pixels[None]
        inputs[candidate.artefact.input_name] = torch.from_numpy(pixels)
        with torch.no_grad():
            wanted = graph(inputs)
        found = candidate.run(pixels)
        parity.frames += 1
        for name, value in wanted.items():
            theirs, ours = value.numpy(), found[name]
            if not np.issubdtype(theirs.dtype, np.floating):
                changed = not np.array_equal(theirs, ours)
                parity.changed[name] = parity.changed.get(name, 0) + changed
                continue
            gap = float(np.abs(theirs - ours).max(initial=0))
            gap = gap if np.isfinite(gap) else np.inf
            parity.gaps[name] = max(parity.gaps.get(name, 0.0), gap)
            size = float(np.abs(theirs).max(initial=0))
            largest[name] = max(largest.get(name, 0.0), size)
        for name in graph.memory_names:
            inputs[name] = wanted[f'{NEXT}{name}']
    parity.gaps = {n: gap / max(largest[n], 1e-6) for n, gap in parity.gaps.items()}
    return parity
