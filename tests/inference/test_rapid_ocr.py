import sys
import types

import numpy as np
import pytest

from maxsight_mm.inference.rapid_ocr import RapidOcrReader

IMAGE = np.zeros((20, 30, 3), np.uint8)
QUADS = np.arange(16).reshape(2, 4, 2)


def engine_that_answers(monkeypatch, boxes, txts, scores):
    answer = types.SimpleNamespace(boxes=boxes, txts=txts, scores=scores)
    module = types.ModuleType('rapidocr')
    module.RapidOCR = lambda params=None: lambda image: answer
    monkeypatch.setitem(sys.modules, 'rapidocr', module)


def test_lacking_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'rapidocr', None)
    with pytest.raises(ImportError, match='extra "ocr"'):
        RapidOcrReader()


def test_unsure_texts_are_left_out(monkeypatch):
    engine_that_answers(monkeypatch, QUADS, ('STOP', 'blur'), (0.9, 0.2))
    read = RapidOcrReader()(IMAGE)
    assert read.texts == ['STOP'] and read.scores.tolist() == [pytest.approx(0.9)]
    assert read.quads.dtype == np.float32 and (read.quads == QUADS[:1]).all()


def test_nothing_found_gives_empty_arrays(monkeypatch):
    engine_that_answers(monkeypatch, None, None, None)
    read = RapidOcrReader()(IMAGE)
    assert read.quads.shape == (0, 4, 2) and read.texts == [] and len(read.scores) == 0


@pytest.mark.parametrize('image', [IMAGE[..., 0], IMAGE.astype(np.float32)])
def test_other_images_are_refused(monkeypatch, image):
    engine_that_answers(monkeypatch, None, None, None)
    with pytest.raises(ValueError, match='uint8'):
        RapidOcrReader()(image)
