import pytest

from maxsight_mm.datasets.derived_labels import DERIVED, PER_OBJECT, derives


@pytest.fixture(autouse=True)
def own_names(monkeypatch):
    monkeypatch.setattr('maxsight_mm.datasets.derived_labels.registry.DERIVED', {})
    monkeypatch.setattr(
        'maxsight_mm.datasets.derived_labels.registry.PER_OBJECT', set()
    )


def test_name_of_another_function_is_refused():
    @derives('crowding')
    def crowding(results):
        return None

    def other(results):
        return None

    derives('crowding')(crowding)
    with pytest.raises(ValueError, match=r"'crowding' is made by .*crowding already"):
        derives('crowding')(other)


def test_every_per_object_name_is_a_derived_one():
    assert all(name in DERIVED for name in PER_OBJECT)
