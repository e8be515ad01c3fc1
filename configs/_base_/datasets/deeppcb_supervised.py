"""The labelled pictures of deeppcb_ssod.py alone, drawn and changed in the same way."""

_base_ = ['./deeppcb_ssod.py']

train_pipeline = [*_base_.labelled_pipeline[:-1], _base_.pack]
train_dataloader = dict(
    batch_size=4,
    sampler=dict(_delete_=True, type='LinkedViewSampler', batch_size=4),
    dataset=dict(
        _delete_=True,
        **_base_.training_set,
        ann_file=_base_.labelled_file,
        pipeline=train_pipeline,
    ),
)
