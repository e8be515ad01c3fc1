"""A safety pass and a context pass of about a million parameters each, for CPUs.

Children name the context heads. Safety heads whose labels no converted set has are
dropped; without boxes the three that remain cost nothing.
"""

_base_ = './safety_pass.py'

model = dict(
    data_preprocessor=dict(type='TaskDataPreprocessor'),
    safety_pass=dict(depth=18, base_channels=16, channels=48),
    safety_heads=dict(
        classification=dict(num_classes=1),
        distance=None,
        urgency=None,
        object_urgency=None,
        uncertainty=None,
    ),
    context_stage=dict(
        context_pass=dict(
            type='ContextPass',
            channels=48,
            pooled_channels=128,
            attention=dict(num_blocks=1, attention='cbam'),
        ),
        heads=dict(),
    ),
)
