"""Score thresholds between the teacher's boxes and the student's labels."""

from .case import Case

INITIAL = 'semi_train_cfg.pseudo_label_initial_score_thr'


def pseudo_thresholds(case: Case) -> dict[str, float]:
    """Thresholds by their place below ``model``; the highest where classes differ.

    The first of them is ``pseudo_label_initial_score_thr``, where there is one.
    """
    settings = case.train_settings
    names = ('pseudo_label_initial_score_thr', 'rpn_pseudo_thr', 'cls_pseudo_thr')
    found = {
        f'semi_train_cfg.{name}': float(settings[name])
        for name in names
        if settings.get(name) is not None
    }
    fixed = (case.config['model'].get('governor') or {}).get('thresholds')
    if fixed is not None:
        each = fixed if isinstance(fixed, list | tuple) else [fixed]
        found['governor.thresholds'] = max(float(value) for value in each)
    return found
