"""What each entry of ``deploy.json`` may be."""

from typing import Any

KINDS = ('detections', 'scores', 'full')
PRECISIONS = ('fp32', 'fp16', 'bf16', 'int8')
# What DetectionDecoder takes, and whether it is a whole number.
DECODER_SETTINGS = {
    'score_thr': False,
    'nms_pre': True,
    'iou_threshold': False,
    'max_per_img': True,
}
_SHARES = ('score_thr', 'iou_threshold')
_LARGEST = 1e30
SAFE_SCORES = ('urgency', 'object_urgency')


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_number(value: Any) -> bool:
    real = isinstance(value, int | float) and not isinstance(value, bool)
    # Neither infinity nor nan is below; a whole number may be too large for a float.
    return real and abs(value) < _LARGEST


def _is_size(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_count, value))


def _is_triple(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 3 and all(map(_is_number, value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )


def _is_decoder(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == DECODER_SETTINGS.keys()
        and all(
            _is_count(value[name]) if whole else _is_number(value[name])
            for name, whole in DECODER_SETTINGS.items()
        )
        and all(0 <= value[name] <= 1 for name in _SHARES)
    )


def _are_safe_scores(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(SAFE_SCORES)
        and all(_is_number(score) and 0 <= score <= 1 for score in value.values())
    )


# name, whether a value is right, what it must be
RULES = (
    ('backend', _is_text, 'a name'),
    ('precision', lambda v: v in PRECISIONS, f'one of {PRECISIONS}'),
    ('kind', lambda v: v in KINDS, f'one of {KINDS}'),
    ('graph', _is_text, 'a path'),
    ('input_name', _is_text, 'a name'),
    ('input_size', _is_size, '(H, W) in whole pixels'),
    (
        'size_range',
        lambda v: (
            v is None or isinstance(v, tuple) and len(v) == 2 and all(map(_is_size, v))
        ),
        'smallest and largest (H, W)',
    ),
    ('size_divisor', _is_count, 'a whole number above 0'),
    ('batch_size', lambda v: v is None or _is_count(v), 'a whole number above 0'),
    ('keep_ratio', lambda v: isinstance(v, bool), 'true or false'),
    ('mean', _is_triple, '3 numbers'),
    ('std', lambda v: _is_triple(v) and all(x > 0 for x in v), '3 numbers above 0'),
    ('bgr_to_rgb', lambda v: isinstance(v, bool), 'true or false'),
    ('pad_value', _is_number, 'a number'),
    (
        'classes',
        lambda v: isinstance(v, tuple) and bool(v) and all(map(_is_text, v)),
        'class names',
    ),
    (
        'test_cfg',
        _is_decoder,
        f'numbers for {tuple(DECODER_SETTINGS)}, {_SHARES} in [0, 1]',
    ),
    ('min_safe_scores', _are_safe_scores, f'scores in [0, 1] of {SAFE_SCORES}'),
    ('model_config', _is_text, 'a name'),
    ('checkpoint_sha256', _is_text, 'a SHA-256'),
    ('files', _is_texts, 'SHA-256 by path'),
    ('versions', _is_texts, 'versions by package'),
    ('notes', lambda v: isinstance(v, dict), 'an object'),
)
