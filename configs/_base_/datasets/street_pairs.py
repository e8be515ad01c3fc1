"""The street world's clips as pairs: the frame before and the current one.

For motion alone; reads a quarter of the frames that ``street_clips.py`` reads.
"""

_base_ = 'street_clips.py'

clip_length = 2
train_dataloader = dict(dataset=dict(clip_length=clip_length))
val_dataloader = dict(dataset=dict(clip_length=clip_length))
test_dataloader = val_dataloader
