// Which view is shown: the part of the address behind the #.

const views = {
  overview: {title: 'Overview', draw: overviewView, isThere: () => true},
  prototypes: {title: 'Prototypes', draw: prototypesView, isThere: () => prototypes.length},
  findings: {title: 'Findings', draw: findingsView, isThere: () => report.records.diagnose},
  matrices: {
    title: 'Matrices',
    draw: matricesView,
    isThere: () => spearman || effects || rowsOf('evaluate/control.csv').length
  },
  emergence: {title: 'Emergence', draw: emergenceView, isThere: () => report.records.emergence},
  metrics: {title: 'Metrics', draw: metricsView, isThere: () => report.records.evaluate},
};

const address = () => location.hash.slice(1) || 'overview';

/** The number behind "#prototype-", or null. */
function prototypeInAddress() {
  const match = /^prototype-(\d+)$/.exec(address());
  return match ? Number(match[1]) : null;
}

function drawNavigation() {
  const here = prototypeInAddress() === null ? address() : 'prototypes';
  document.getElementById('views').replaceChildren(
      ...Object.entries(views)
          .filter(([, view]) => view.isThere())
          .map(
              ([name, view]) =>
                  element('a', {href: `#${name}`, 'aria-current': name === here && 'page'}, view.title)));
}

function drawView() {
  const index = prototypeInAddress(), view = views[address()], content = document.getElementById('content');
  heatMaps.clear();
  drawNavigation();
  const drawn = index !== null ? prototypeView(index) : view?.isThere() ? view.draw() : views.overview.draw();
  content.replaceChildren(...drawn.flat(Infinity).filter(Boolean));
  document.title = `${content.querySelector('h1').textContent} · ${report.name}`;
}

function followAddress() {
  drawView();
  window.scrollTo(0, 0);
  document.getElementById('content').focus({preventScroll: true});
}

/** Left and right arrow keys turn from prototype to prototype, unless they move something else. */
function turnByKey(event) {
  const step = {ArrowLeft: -1, ArrowRight: 1}[event.key], index = prototypeInAddress();
  if (!step || index === null || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey ||
      event.shiftKey)
    return;
  if (prototypes[index + step]) location.hash = `prototype-${index + step}`;
}

document.addEventListener('DOMContentLoaded', () => {
  document.getElementById('run-name').textContent = report.name;
  window.addEventListener('hashchange', followAddress);
  document.addEventListener('keydown', turnByKey);
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();  // the address stays that of the view
    document.getElementById('content').focus();
  });
  drawView();
});
