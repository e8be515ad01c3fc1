import pytest

pytest.importorskip('onnx', reason='needs the export extra')

from onnx import TensorProto, helper

from maxsight_mm.deploy.onnx_files import check_onnx_file


def write_graph(path, location: str | None = None, domain: str = ''):
    weight = helper.make_tensor('w', TensorProto.FLOAT, [2], [1.0, 2.0])
    if location is not None:
        weight.ClearField('float_data')
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = 'location', location
    node = helper.make_node('Add', ['x', 'w'], ['y'], domain=domain)
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in 'xy']
    graph = helper.make_graph([node], 'g', ends[:1], ends[1:], [weight])
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


def test_a_standard_graph_with_its_weights_inside_passes(tmp_path):
    check_onnx_file(write_graph(tmp_path / 'a.onnx'))


def test_weights_beside_the_graph_pass(tmp_path):
    (tmp_path / 'weights.bin').write_bytes(bytes(8))
    check_onnx_file(write_graph(tmp_path / 'a.onnx', 'weights.bin'))


@pytest.mark.parametrize('location', ['/etc/hostname', '../secret.bin', 'absent.bin'])
def test_weights_elsewhere_are_refused(tmp_path, location):
    (tmp_path / 'secret.bin').write_bytes(bytes(8))
    folder = tmp_path / 'export'
    folder.mkdir()
    with pytest.raises(ValueError, match=location):
        check_onnx_file(write_graph(folder / 'a.onnx', location))


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / 'secret.bin').write_bytes(bytes(8))
    folder = tmp_path / 'export'
    folder.mkdir()
    (folder / 'weights.bin').symlink_to(tmp_path / 'secret.bin')
    with pytest.raises(ValueError, match=r'weights\.bin'):
        check_onnx_file(write_graph(folder / 'a.onnx', 'weights.bin'))


def test_operators_of_another_library_are_refused(tmp_path):
    with pytest.raises(ValueError, match='mmdeploy::Add'):
        check_onnx_file(write_graph(tmp_path / 'a.onnx', domain='mmdeploy'))


def test_what_is_no_graph_is_refused(tmp_path):
    (tmp_path / 'a.onnx').write_bytes(b'no graph at all')
    with pytest.raises(ValueError, match='no ONNX file'):
        check_onnx_file(tmp_path / 'a.onnx')
    with pytest.raises(FileNotFoundError, match='does not exist'):
        check_onnx_file(tmp_path / 'b.onnx')
