"""Opens a report in headless Chromium and uses it as a reader does; an AssertionError says what is wrong.

    python3 report_page.py PAGE PROTOTYPES NAME-OF-PROTOTYPE-0 EVALUATION-JSON DIAGNOSIS-JSON UNDECIDED-PAGE

UNDECIDED-PAGE is the same run's, with every finding of the diagnosis undecided.
"""
import json
import shutil
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

VIEWS = ["overview", "prototypes", "findings", "matrices", "emergence", "metrics"]


def open_browser():
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


class Reader:
    def __init__(self, page):
        self.page = Path(page).resolve().as_uri()
        self.driver = open_browser()

    def show(self, view):
        self.driver.get(f"{self.page}#{view}")
        return self.heading()

    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def column(self, title):
        """What a column of the index says, from top to bottom, and its head's button."""
        heads = self.all("thead th")
        place = [head.text for head in heads].index(title)
        cells = [row.find_elements(By.TAG_NAME, "td")[place].text for row in self.all("tbody tr")]
        return cells, heads[place].find_element(By.TAG_NAME, "button")

    def problems(self):
        """Errors in the console, and requests for anything but the page itself and what is inside it."""
        errors = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        assert any(url.startswith(self.page) for url in urls), "the log of requests is empty"
        return errors + [url for url in urls if not url.startswith((self.page, "data:"))]


def number(cell):
    return float(cell.replace("\N{MINUS SIGN}", "-"))


def check_views(reader):
    for view in VIEWS:
        heading = reader.show(view)
        assert view == "overview" or heading.lower() == view, f"{view} shows {heading}"
        current = [link.text.lower() for link in reader.all("nav a[aria-current]")]
        assert current == [view], f"{view}: the navigation says {current}"
        lines = [line.text for line in reader.all(".made")]
        assert lines and all(line.endswith("the run's last checkpoint.") for line in lines), f"{view}: {lines}"
    reader.show("overview")
    assert len(reader.all(".chart path.curve")) >= 3, "curves are drawn"


def check_index(reader, count, name):
    reader.show("prototypes")
    assert len(reader.all("tbody tr")) == count
    assert any(f"0 {name}" == cell for cell in reader.column("prototype")[0]), "names are shown as they are"
    _, head = reader.column("prototype")
    for order in ("descending", "ascending"):
        head.send_keys(Keys.ENTER)
        shown = [int(cell.split()[0]) for cell in reader.column("prototype")[0]]
        assert shown == sorted(range(count), reverse=order == "descending"), f"{order}: {shown}"
        assert len(reader.all(f"th[aria-sort={order}]")) == 1
    reader.column("drift")[1].click()
    drift = [number(cell) for cell in reader.column("drift")[0] if cell != "–"]
    assert len(drift) >= 2 and drift == sorted(drift, reverse=True), f"sorted by drift: {drift}"
    search = reader.all("input[type=search]")[0]
    search.send_keys(name[:9])
    assert len(reader.all("tbody tr")) == 1, "the search narrows the list"


def check_prototype(reader, name):
    reader.all("tbody td a:not([aria-hidden])")[0].click()
    assert reader.heading() == f"Prototype 0 {name}"
    widths = reader.driver.execute_script(
        "return Promise.all([...document.querySelectorAll('svg.tile image')].map(async (image) => {"
        "  const picture = new Image(); picture.src = image.getAttribute('href'); await picture.decode();"
        "  return picture.naturalWidth; }))")
    assert len(widths) >= 4 and all(width == 16 for width in widths), f"pictures are there and whole: {widths}"
    assert len(reader.all("svg.tile rect")) >= 2, "boxes are drawn"
    reader.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_RIGHT)
    assert reader.heading() == "Prototype 1", "arrow keys turn to the next"
    reader.driver.back()
    assert reader.heading() == f"Prototype 0 {name}", "and the browser goes back"


def check_heat_map(reader):
    reader.show("matrices")
    canvas = reader.all(".heat-map canvas")[0]
    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    said = reader.all(".heat-map output")[0].text
    assert " and " in said and ": " in said, f"a cell tells its number: {said!r}"


def check_findings(reader, pairs):
    """How many pairs there are of each verdict."""
    reader.show("findings")
    assert reader.all(".made")[0].text.startswith("diagnose --quick (a first look) is of step ")
    tested = [pair for pair in pairs if not pair["dependence"]]
    count = {verdict: sum(pair["verdict"] == verdict for pair in tested) for verdict in ("found", "no", "undecided")}
    assert len(reader.all("article")) == count["found"]
    for verdict, title in (("no", "No effect"), ("undecided", "Undecided")):
        noun = "pair" if count[verdict] == 1 else "pairs"
        assert f"{title}: {count[verdict]} {noun}" in [line.text for line in reader.all("summary, p")], count
    left_out = len(pairs) - len(tested)
    text = f"by what they are: {left_out} {'pair' if left_out == 1 else 'pairs'}"
    assert any(line.text.endswith(text) for line in reader.all("summary, p")), text
    if count["found"] == 0 and count["undecided"] > 0:
        text = f"as counts; undecided: {count['undecided']} of {len(tested)} pairs."
        for view in ("findings", "overview"):
            reader.show(view)
            assert any(line.text.endswith(text) for line in reader.all("p")), f"{view} does not say: {text}"


def check_metrics(reader, evaluation):
    """A number of every part, as the evaluation's file has it."""
    reader.show("metrics")
    measured = [summary.text for summary in reader.all("details.protocol summary")]
    probed = evaluation["representation"]["protocol"]
    text = f"{probed['images']} images of the {probed['split']} split, 5 folds"
    assert any(line.startswith(text) for line in measured), f"{measured} do not say: {text}"
    tables = []
    for table in reader.all("table"):
        heads = [head.text for head in table.find_elements(By.CSS_SELECTOR, "thead th")]
        rows = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")]
                for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")]
        tables.append({row[0]: dict(zip(heads, row)) for row in rows})

    def expect(row, column, value, digits):
        shown = [number(table[row][column].split()[0]) for table in tables if row in table and column in table[row]]
        assert shown == [round(value, digits)], f"{row}, {column}: {shown} is not {value}"

    for row, key in (("conditional", "conditional"), ("real images", "real")):
        generated = evaluation["generation"][key]
        for column in ("precision", "recall", "density", "coverage"):
            expect(row, column, generated[column]["mean"], 3)
        expect(row, "kernel distance", generated["kernel_distance"]["mean"], 5)
        expect(row, "nearest is a training image", generated["nearest_is_training"]["value"], 3)
    expect("vectors", "largest", evaluation["similarity"]["vectors"]["largest"], 3)
    expect("activations", "mean", evaluation["similarity"]["activations"]["mean"], 3)
    place = evaluation["localisation"]["attributes"][0]
    expect(place["attribute"], "centred in the mask", place["hits"]["value"], 2)
    expect("prototypes", "TAD", evaluation["representation"]["prototypes"]["tad"]["mean"], 2)
    expect("PSNR, dB", "worst", evaluation["reconstruction"]["psnr_db"]["worst"], 2)
    own = evaluation["likelihood"]["conditions"][0]
    expect(own["condition"], "bits a dimension", own["bits"]["value"], 3)
    expect(own["condition"], "decoder", own["decoder"], 3)
    control = evaluation["control"]["attributes"][0]
    expect(control["attribute"], "judge's accuracy", control["judge_accuracy"], 3)


def check_addresses(reader, name):
    reader.show("prototype-0")
    skip = reader.all(".skip")[0]
    skip.send_keys(Keys.ENTER)
    assert reader.heading() == f"Prototype 0 {name}" and "#prototype-0" in reader.driver.current_url
    assert reader.show("content") == reader.show("overview"), "an address that is no view shows the first"


def main(page, count, name, evaluation, diagnosis, undecided_page):
    reader = Reader(page)
    pairs = json.loads(Path(diagnosis).read_text())["pairs"]
    try:
        check_views(reader)
        check_index(reader, int(count), name)
        check_prototype(reader, name)
        check_heat_map(reader)
        check_metrics(reader, json.loads(Path(evaluation).read_text()))
        check_addresses(reader, name)
        check_findings(reader, pairs)
        problems = reader.problems()
        assert not problems, problems
        reader.page = Path(undecided_page).resolve().as_uri()
        undecided = [{**pair, "verdict": pair["verdict"].replace("found", "undecided")} for pair in pairs]
        assert any(pair["verdict"] == "undecided" for pair in undecided), "there are none to count"
        check_findings(reader, undecided)
    finally:
        reader.driver.quit()


main(*sys.argv[1:])
