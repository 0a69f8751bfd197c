// Matrices as colours that say their numbers under the pointer, or under the arrow keys.

const heatMaps = new Set();
matchMedia('(prefers-color-scheme: dark)')
    .addEventListener('change', () => heatMaps.forEach((draw) => draw()));

const styleColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** A function from -1 .. 1 to a colour: cold below, hot above, the card's own in the middle. */
function colourScale() {
  const [cold, middle, hot] = ['--cold', '--card', '--hot'].map((name) => channels(styleColour(name)));
  return (value) => {
    const end = value < 0 ? cold : hot, weight = Math.min(1, Math.abs(value));
    return `rgb(${middle.map((m, c) => Math.round(m + (end[c] - m) * weight)).join(' ')})`;
  };
}

function heatMapLayout({rows, columns}) {
  const cell = Math.max(7, Math.min(14, Math.floor(1100 / columns.length)));
  const longest = (labels) => Math.max(...labels.map((label) => String(label).length));
  const labelled = cell >= 11;
  const left = Math.min(230, 8 + 5.8 * longest(rows)),
        top = labelled ? Math.min(150, 8 + 5.8 * longest(columns)) : 4;
  return {
    cell,
    labelled,
    left: labelled ? left : 4,
    top,
    width: (labelled ? left : 4) + cell * columns.length + 2,
    height: top + cell * rows.length + 2
  };
}

function drawLabels(context, matrix, layout) {
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = styleColour('--soft');
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const middle = (i) => (i + 0.5) * layout.cell;
  matrix.rows.forEach(
      (label, r) => context.fillText(label, layout.left - 5, layout.top + middle(r), layout.left - 8));
  context.textAlign = 'left';
  matrix.columns.forEach((label, c) => {
    context.save();
    context.translate(layout.left + middle(c), layout.top - 5);
    context.rotate(-Math.PI / 2);
    context.fillText(label, 0, 0, layout.top - 8);
    context.restore();
  });
}

function drawHeatMap(canvas, matrix, layout, at) {
  const ratio = window.devicePixelRatio || 1, context = canvas.getContext('2d'), colour = colourScale();
  canvas.width = layout.width * ratio;
  canvas.height = layout.height * ratio;
  context.scale(ratio, ratio);
  if (layout.labelled) drawLabels(context, matrix, layout);
  matrix.values.forEach((row, r) => row.forEach((value, c) => {
    context.fillStyle = isNumber(value) ? colour(value / matrix.limit) : styleColour('--line');
    context.fillRect(
        layout.left + c * layout.cell, layout.top + r * layout.cell, layout.cell - 1, layout.cell - 1);
  }));
  if (!at) return;
  context.strokeStyle = styleColour('--ink');
  context.lineWidth = 2;
  context.strokeRect(
      layout.left + at.c * layout.cell - 0.5, layout.top + at.r * layout.cell - 0.5, layout.cell,
      layout.cell);
}

/** Moves a mark over the cells, by pointer and arrow keys: `mark` gets {r, c} or null. */
function followCell(canvas, matrix, layout, mark) {
  const within = (at) => at.r >= 0 && at.r < matrix.rows.length && at.c >= 0 && at.c < matrix.columns.length;
  let at = null;
  const move = (to) => mark((at = to));
  canvas.addEventListener('pointermove', (event) => {
    const box = canvas.getBoundingClientRect();
    const to = {
      r: Math.floor((event.clientY - box.top - layout.top) / layout.cell),
      c: Math.floor((event.clientX - box.left - layout.left) / layout.cell)
    };
    move(within(to) ? to : null);
  });
  canvas.addEventListener('pointerleave', () => move(null));
  canvas.addEventListener('blur', () => move(null));
  canvas.addEventListener('keydown', (event) => {
    const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
    if (!step) return;
    event.preventDefault();
    const to = at ? {r: at.r + step[0], c: at.c + step[1]} : {r: 0, c: 0};
    if (within(to)) move(to);
  });
}

/**
 * {title, text, from: command, rows: labels, columns: labels, values, limit: of the colours, describe(r, c,
 * value)}.
 */
function heatMap(matrix) {
  const layout = heatMapLayout(matrix);
  const canvas = element('canvas', {
    tabindex: 0,
    role: 'img',
    'aria-label': `${matrix.title}; arrow keys move over the cells`,
    style: `width: ${layout.width}px; height: ${layout.height}px`
  });
  const readout = element('output', {'aria-live': 'polite'});
  const draw = (at = null) => drawHeatMap(canvas, matrix, layout, at);
  followCell(canvas, matrix, layout, (at) => {
    readout.textContent = at ? matrix.describe(at.r, at.c, matrix.values[at.r][at.c]) : '';
    draw(at);
  });
  heatMaps.add(() => draw());
  draw();
  const wide = layout.width > 560;
  return element(
      'section', {class: wide ? 'heat-map wide' : 'heat-map'}, element('h2', {}, matrix.title),
      made(matrix.from),
      element(
          'p', {class: 'soft'}, matrix.text, ' ',
          element(
              'span', {class: 'nowrap'}, `−${short(matrix.limit)}`, element('span', {class: 'scale'}),
              `+${short(matrix.limit)}`)),
      readout, element('div', {class: 'scroll'}, canvas));
}
