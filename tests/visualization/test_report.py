import base64
import importlib.util
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from maxsight_mm.visualization import report
from maxsight_mm.visualization.headline import headline
from maxsight_mm.visualization.report import (
    choose_pictures,
    confusion_views,
    duration,
    write_report,
)
from maxsight_mm.visualization.run_summary import literal_config, portable

TOOL = Path(__file__).parents[2] / 'tools/analysis_tools/make_report.py'
VOID = {'meta', 'img', 'source', 'link', 'br'}


class Page(HTMLParser):
    """Tags with their attributes; refuses tags that are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self._open = [], []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def of(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]


def brightness(uri):
    """Median level of an inlined PNG."""
    kind, content = uri.split(',')
    assert kind == 'data:image/png;base64'
    png = np.frombuffer(base64.b64decode(content), np.uint8)
    return np.median(cv2.imdecode(png, cv2.IMREAD_GRAYSCALE))


@pytest.fixture(autouse=True)
def blank_plots(monkeypatch):
    """Drawing takes seconds; one test undoes this."""
    monkeypatch.setattr(report, 'png_bytes', lambda figure: b'')


@pytest.fixture
def page(run):
    write_report(run)
    return (run / 'report.html').read_text(encoding='utf-8')


def test_page_asks_for_nothing_from_outside(page):
    tags = Page(page)
    assert not tags.of('script', 'link', 'iframe')
    targets = [
        attrs[name]
        for _, attrs in tags.tags
        for name in ('src', 'srcset', 'href')
        if name in attrs
    ]
    assert len(targets) > 12
    assert all(target.startswith(('data:', '#')) for target in targets)
    assert 'url(' not in page
    assert '@import' not in page


def test_page_can_be_read_without_seeing_it(page):
    tags = Page(page)
    assert all(attrs['alt'] for attrs in tags.of('img'))
    assert all(attrs['scope'] in ('col', 'row') for attrs in tags.of('th'))
    assert len(tags.of('table')) == len(tags.of('caption'))
    ids = {attrs['id'] for _, attrs in tags.tags if 'id' in attrs}
    links = [attrs['href'][1:] for attrs in tags.of('a')]
    assert links
    assert set(links) <= ids
    assert tags.of('html')[0]['lang'] == 'en'


def test_sections_come_in_order_of_what_matters(page):
    found = re.findall(r'<section id="(\w+)"', page)
    assert found == [
        *('headline', 'pictures', 'curves', 'classes'),
        *('confusions', 'calibration', 'run', 'next'),
    ]


def test_names_from_files_are_escaped(page):
    assert '<b>kerb</b>' not in page
    assert '&lt;b&gt;kerb&lt;/b&gt;' in page


def test_picture_tells_the_truth_in_words(page):
    assert 'truth: image danger, car danger (2 times), 1 other object<' in page


def test_summary_has_the_figures_and_no_absolute_path(run, page):
    text = (run / 'report.json').read_text(encoding='utf-8')
    summary = json.loads(text)
    assert str(run.parent) not in text
    assert str(run.parent) not in page
    assert str(Path.home()) not in text
    assert summary['run']['seed'] == 7
    assert summary['training']['iterations'] == 4
    assert summary['training']['lr'] == 0.002
    assert summary['training']['validation'][0]['det/mAP'] is None
    assert summary['dataset']['val'] == 16
    assert summary['versions']['torch']
    assert summary['missing'] == ['times of the stages']


def test_times_of_the_stages_are_told(run):
    (run / 'demo').mkdir()
    stages = {'training': {'seconds': 187.0, 'reused': True}}
    record = {'config': 'configs/a.py', 'quick': True, 'stages': stages}
    (run / 'demo/stages.json').write_text(json.dumps(record))
    assert write_report(run)['missing'] == []
    page = (run / 'report.html').read_text(encoding='utf-8')
    assert '3 min 07 s (earlier)' in page
    assert 'A quick run.' in page


def test_nothing_of_the_run_is_executed(run, page):
    config = (run / '20260101_000000/vis_data/config.py').read_text()
    assert "'ran'" in config
    assert 'ran' not in literal_config(config)
    assert not (run.parent / 'data/ran').exists()


def test_plots_are_drawn_for_light_and_dark_paper(run, monkeypatch):
    monkeypatch.undo()
    write_report(run)
    page = Page((run / 'report.html').read_text(encoding='utf-8'))
    light = [brightness(tag['src']) for tag in page.of('img') if 'width' not in tag]
    dark = [brightness(tag['srcset']) for tag in page.of('source')]
    assert len(light) == len(dark) == 3
    assert min(light) > 200
    assert max(dark) < 60


def test_headline_tells_counts_bound_and_baseline(det, safety):
    cards = {c['key']: c for c in headline({'det': det, 'safety': safety})}
    assert list(cards)[:2] == ['image_false_reassurance', 'object_false_reassurance']
    image = cards['image_false_reassurance']
    assert image['upper95'] == 0.7514
    assert 'Of 4 test images' in image['text']
    assert '1 was called safe' in image['text']
    assert 'up to 75.1 %' in image['text']
    assert '2 more had no answer' in image['text']
    assert 'every one of them' in cards['object_false_reassurance']['text']
    assert '20.0 points better' in cards['image_urgency_accuracy']['text']
    assert '25.0 points worse' in cards['object_urgency_accuracy']['text']
    assert cards['zone_accuracy']['value'] is None
    assert 'no object was found' in cards['zone_accuracy']['text']
    assert '2 classes with 8 objects in 6 images' in cards['AP50']['text']


@pytest.mark.parametrize(
    ('counted', 'told'),
    [(True, 'Heuristic labels counted: 5'), (False, '5 heuristic labels left out')],
)
def test_headline_tells_what_became_of_heuristic_labels(safety, counted, told):
    safety['settings']['count_heuristic'] = counted
    for task in ('image_urgency', 'zone'):
        safety['counts'][task] = safety['counts'][task] | {'heuristic': 5}
    cards = {c['key']: c['text'] for c in headline({'det': None, 'safety': safety})}
    assert [key for key, text in cards.items() if told in text] == [
        'image_false_reassurance',
        'image_urgency_accuracy',
        'zone_accuracy',
    ]
    assert not any('euristic' in cards[k] for k in cards if k.startswith('object'))


def test_unanswered_hazards_are_not_called_safe(det, safety):
    safety['metrics']['image_false_reassurance'] = None
    safety['metrics']['image_false_reassurance_upper95'] = None
    card = headline({'det': det, 'safety': safety})[0]
    assert card['shown'] == 'not measured'
    assert 'nothing can be said' in card['text']


def test_only_hazards_answered_safe_are_marked(safety):
    marked = [
        (view['title'], truth, answer)
        for view in confusion_views(safety)
        for truth, row in enumerate(view['rows'])
        for answer, cell in enumerate(row['cells'])
        if cell['reassures']
    ]
    urgencies = ('Image urgency', 'Object urgency')
    assert marked == [(t, truth, 0) for t in urgencies for truth in (2, 3)]
    danger = confusion_views(safety)[0]['rows'][3]
    assert danger['total'] == 2
    assert danger['cells'][0]['share'] == 0.5


def test_pictures_are_spread_over_the_newest_test(run):
    chosen = [path.stem for path in choose_pictures(run)]
    assert len(chosen) == 12
    assert chosen[0] == '000000'
    assert chosen[-1] == '000015'
    assert chosen == sorted(set(chosen))
    newer = run / '20260102_000000/pictures'
    newer.mkdir(parents=True)
    (newer / '000003.png').touch()
    assert choose_pictures(run) == [newer / '000003.png']


@pytest.mark.parametrize(
    ('gone', 'told'),
    [
        ('20260101_000100', 'No pictures were drawn'),
        ('20260101_000000', 'no log of a training'),
        ('evaluation/test.det.json', 'no detection figures'),
        ('evaluation/test.safety.json', 'no safety figures'),
        ('evaluation/test.calibration.json', 'no calibration figures'),
    ],
)
def test_missing_part_is_named_in_a_whole_report(run, gone, told):
    (run / gone).rename(run.parent / 'gone')
    summary = write_report(run)
    page = (run / 'report.html').read_text(encoding='utf-8')
    assert Page(page).of('h1')
    assert told in page
    assert len(summary['missing']) >= 2


def test_training_without_test_has_no_headline(run):
    (run / 'evaluation').rename(run.parent / 'gone')
    assert write_report(run)['headline'] == []
    assert 'has not been tested' in (run / 'report.html').read_text(encoding='utf-8')


def make_report(*arguments):
    spec = importlib.util.spec_from_file_location(TOOL.stem, TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main([str(argument) for argument in arguments])


def test_tool_prints_what_is_missing_and_where_the_page_is(run, capsys):
    (run / 'evaluation').rename(run.parent / 'other')
    make_report(run, '--evaluation', run.parent / 'other')
    lines = capsys.readouterr().out.splitlines()
    assert lines == ['not found: times of the stages', str(run / 'report.html')]


@pytest.mark.parametrize('name', ['', 'absent'])
def test_folder_that_is_no_run_ends_in_one_line(tmp_path, capsys, name):
    with pytest.raises(SystemExit) as end:
        make_report(tmp_path / name)
    assert end.value.code == 2
    assert capsys.readouterr().err.count('\n') == 1


def test_damaged_table_is_named(run, capsys):
    (run / 'evaluation/test.det.json').write_text('{')
    with pytest.raises(SystemExit):
        make_report(run)
    assert 'test.det.json is not JSON' in capsys.readouterr().err


def test_portable_path_is_never_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert portable(tmp_path / 'a/b') == 'a/b'
    assert portable(tmp_path.parent / 'c') == 'c'


@pytest.mark.parametrize(
    ('seconds', 'told'), [(11.6, '12 s'), (187, '3 min 07 s'), (3720, '1 h 02 min')]
)
def test_duration_in_words(seconds, told):
    assert duration(seconds) == told
