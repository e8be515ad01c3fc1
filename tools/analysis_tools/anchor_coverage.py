"""Show how a config's anchors cover the boxes of each class, and propose others.

``python tools/analysis_tools/anchor_coverage.py CONFIG --propose 5
--out coverage.png``
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maxsight_mm.datasets.anchor_overlap import AnchorLevel, level_shapes
from maxsight_mm.engine.anchor_setting import (
    anchor_generator,
    anchor_levels,
    has_free_aspects,
)
from maxsight_mm.engine.class_coverage import (
    ClassCoverage,
    Proposal,
    class_coverage,
    propose_anchors,
)
from maxsight_mm.engine.network_boxes import NetworkBoxes, network_boxes
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.step_timing import read_model_config
from maxsight_mm.visualization.anchor_aspects import plot_anchor_aspects
from maxsight_mm.visualization.plot_style import paper, png_bytes


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='file, or mmdet::... of a package')
    parser.add_argument('--ann', help="COCO JSON in place of the config's")
    parser.add_argument(
        '--propose', type=int, default=5, help='aspects to fit, 0 for none'
    )
    parser.add_argument(
        '--balance',
        choices=('equal', 'need', 'count'),
        default='equal',
        help='classes count equally, more where they fit badly, or by their boxes',
    )
    parser.add_argument('--out', type=Path, help='PNG to write')
    parser.add_argument('--dark', action='store_true', help='on dark paper')
    args = parser.parse_args(argv)
    if args.propose < 0:
        print(
            f'anchor_coverage: --propose must be 0 or more, got {args.propose}',
            file=sys.stderr,
        )
        sys.exit(2)
    return args


def print_coverage(title: str, rows: Sequence[ClassCoverage]) -> None:
    """One line a class; shares in per cent, best IoU as a median."""
    width = max([5, *(len(row.name) for row in rows)])
    print(f'\n{title}')
    print(
        f'{"":{width}}         width / height      centred        on the grid\n'
        f'{"class":{width}}  boxes   25%   50%   75%   IoU  @.5  @.7    @.5  @.7'
    )
    for row in rows:
        if not row.count:
            print(f'{row.name:{width}}      0')
            continue
        aspects = ' '.join(f'{value:5.2f}' for value in row.aspect_quartiles)
        shares = [row.centred_50, row.centred_70, row.grid_50, row.grid_70]
        percent = [f'{100 * share:4.0f}' for share in shares]
        print(
            f'{row.name:{width}} {row.count:6d} {aspects}  {row.centred_median:4.2f} '
            f'{percent[0]} {percent[1]}   {percent[2]} {percent[3]}'
        )


def print_lines(place: str, proposal: Proposal, strides: Sequence) -> None:
    """The proposal as lines of a config, in both conventions."""
    ratios = [round(1 / aspect, 3) for aspect in proposal.aspects_wh]
    steps = [x if x == y else (x, y) for x, y in strides]
    print(f'\nTo paste as {place}:')
    print(
        'anchor_generator=dict(\n'
        '    _delete_=True,\n'
        "    type='maxsight_mm.AspectAnchorGenerator',\n"
        f'    aspects_wh={proposal.aspects_wh},  # width / height\n'
        f'    scales={proposal.scales},\n'
        f'    strides={steps})'
    )
    print(f"or in MMDetection's AnchorGenerator: ratios={ratios}  # height / width")


def draw(
    path: Path, found: NetworkBoxes, sets: dict[str, list[AnchorLevel]], dark: bool
) -> None:
    """Write the histograms of aspects with the anchors as lines."""
    lines = {}
    for name, levels in sets.items():
        shapes = level_shapes(levels)
        lines[name] = np.unique((shapes[:, 0] / shapes[:, 1]).round(3)).tolist()
    sizes = found.sizes_wh
    with paper(dark):
        figure = plot_anchor_aspects(
            sizes[:, 0] / sizes[:, 1], found.labels, found.classes, lines, dark
        )
        picture = png_bytes(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
    print(f'\n{path}')


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('anchor_coverage'):
        config = read_model_config(args.config)
        place, generator = anchor_generator(config)
        found = network_boxes(config, args.ann)
        levels = anchor_levels(generator)
        sets = {"the config's anchors": levels}
        print(f'{place}: {type(generator).__name__}')
        print(f'{len(found.boxes)} boxes; pictures: {found.resize}')
        print_coverage("The config's anchors", class_coverage(found, levels))
        if args.propose and len(found.boxes) and has_free_aspects(generator):
            proposal = propose_anchors(found, generator, args.propose, args.balance)
            sets['proposed'] = proposal.levels
            rows = class_coverage(found, proposal.levels)
            print_coverage(f'With {len(proposal.aspects_wh)} aspects fitted', rows)
            print_lines(place, proposal, generator.strides)
        elif args.propose and len(found.boxes):
            print(
                f'\n{type(generator).__name__} has anchors of each level: no proposal'
            )
        if args.out:
            draw(args.out, found, sets, args.dark)


if __name__ == '__main__':
    main()
