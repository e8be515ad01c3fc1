"""Of the rewriters registered for a function, ours are the ones that run."""

import pytest

pytest.importorskip('mmdeploy', reason='needs the export extra')

# mmdeploy's own come first here, the order in which theirs would win.
import mmdeploy.codebase.mmdet.models
from mmdeploy.core import FUNCTION_REWRITER
from mmdeploy.utils import IR, Backend

from maxsight_mm.deploy import mmdeploy_plugin

OURS = {
    'mmdet.models.dense_heads.base_dense_head.BaseDenseHead.predict_by_feat': (
        mmdeploy_plugin.dense_head.dense_head__predict_by_feat
    ),
    'mmdet.models.dense_heads.rpn_head.RPNHead.predict_by_feat': (
        mmdeploy_plugin.rpn_head.rpn_head__predict_by_feat
    ),
    'mmdet.models.roi_heads.bbox_heads.bbox_head.BBoxHead.predict_by_feat': (
        mmdeploy_plugin.bbox_head.bbox_head__predict_by_feat
    ),
    'maxsight_mm.models.detectors.maxsight_detector.MaxSightDetector.forward': (
        mmdeploy_plugin.maxsight_detector.maxsight_detector__forward
    ),
}


@pytest.mark.filterwarnings('ignore:Detect multiple valid rewriters')
@pytest.mark.parametrize(
    'backend', ['default', 'onnxruntime', 'openvino', 'tensorrt', 'ncnn', 'rknn']
)
@pytest.mark.parametrize('function', OURS)
def test_ours_is_the_one_in_use(function, backend):
    env = dict(backend=Backend.get(backend), ir=IR.ONNX)
    env |= dict.fromkeys(('mmdeploy', 'mmdet', 'torch'), '1.0')
    records = FUNCTION_REWRITER._registry._rewrite_records
    only = {function: records[function]}
    registry = type(FUNCTION_REWRITER._registry)()
    registry._rewrite_records = only
    ((_, record),) = registry.get_records(env)
    assert record['_object'] is OURS[function]


@pytest.mark.parametrize('function', OURS)
def test_what_is_rewritten_still_exists(function):
    from mmdeploy.core.rewriters.rewriter_utils import import_function

    original, _ = import_function(function)
    assert callable(original)


def test_mmdeploy_had_another_rewriter_for_each_of_mmdets():
    records = FUNCTION_REWRITER._registry._rewrite_records
    assert mmdeploy.codebase.mmdet.models
    for function in list(OURS)[:3]:
        assert len(records[function]) > 1
