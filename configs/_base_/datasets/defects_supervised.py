"""The labelled views of defects_ssod.py alone, drawn and changed in the same way."""

_base_ = ['./defects_ssod.py']

train_pipeline = [*_base_.labelled_pipeline[:-1], _base_.pack]
train_dataloader = dict(
    batch_size=4,
    sampler=dict(_delete_=True, type='LinkedViewSampler', batch_size=4),
    dataset=dict(
        _delete_=True,
        **_base_.training_set,
        ann_file='annotations/instances_train_labelled10.json',
        pipeline=train_pipeline,
    ),
)
