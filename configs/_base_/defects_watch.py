"""``watch``: hooks that look after a semi-supervised training of defects.

Their scalars go to every backend of the visualizer; with the extra ``track`` installed
add TensorBoard:
--cfg-options "visualizer.vis_backends=[dict(type='LocalVisBackend'),
dict(type='TensorboardVisBackend')]"
"""

watch = [
    dict(type='ClassProgressHook'),
    dict(type='PseudoLabelMonitorHook', interval=50),
    dict(type='PositiveAnchorHook', interval=50),
    dict(type='TrainingGuardHook', hard_classes=('Severe_Rust', 'Chipped')),
    dict(type='SsodDashboardHook'),
]
