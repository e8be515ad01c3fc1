"""Train an image task classifier: ``python tools/train_tasks.py CONFIG [FLAGS]``.

Short flags for what are otherwise options of the config, and all flags of
``tools/train.py``. ``--print-options`` says what the flags stand for and ends.
"""

import pprint

from maxsight_mm.engine.config_loading import (
    load_config,
    merge_options,
    replace_values,
)
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.task_options import add_task_flags, task_options
from maxsight_mm.engine.training import train, train_parser


def main() -> None:
    parser = train_parser(__doc__.splitlines()[0])
    add_task_flags(parser)
    parser.add_argument('--print-options', action='store_true')
    args = parser.parse_args()
    with one_line_errors('train_tasks'):
        config = load_config(args.config)
        options = task_options(args, config)
        if args.print_options:
            pprint.pp(options)
            return
        replace_values(config, options)
        merge_options(config, args.cfg_options or {})
        train(args, config)


if __name__ == '__main__':
    main()
