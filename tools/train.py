"""Train a model: ``python tools/train.py CONFIG``."""

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.training import train, train_parser


def main() -> None:
    args = train_parser('Train a model').parse_args()
    with one_line_errors('train'):
        train(args, load_config(args.config, args.cfg_options))


if __name__ == '__main__':
    main()
