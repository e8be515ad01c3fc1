"""Scores of all locations as an .mlpackage, for iPhones and Macs.

Decoding and suppression stay outside: deploy/decode.py says what an app has to do.

Command: python tools/deploy.py configs/deploy/coreml_fp16.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any machine converts; it runs under macOS or iOS.
Result: conversion in docs/deploy.md; speed and answers on a device not measured.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp16'
kind = 'scores'
backend_config = dict(type='coreml', half=True)
