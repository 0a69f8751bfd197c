// Line charts that say their numbers under the pointer, or under the arrow keys.

const chartSize = {
  width: 400,
  height: 220,
  left: 40,
  right: 8,
  top: 8,
  bottom: 34
};

/** Round numbers between `low` and `high`. */
function ticks(low, high, count = 5) {
  if (low === high) return [low];
  const rough = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}

/** 1, 2 and 5 of every power of ten between `low` and `high`. */
function logTicks(low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power) {
    for (const factor of [1, 2, 5]) found.push(Number((factor * 10 ** power).toPrecision(6)));
  }
  return found.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

function axes({series, logY, fallingX, fromZero}) {
  const {width, height, left, right, top, bottom} = chartSize;
  const usable = (value) => isNumber(value) && (!logY || value > 0);
  const xs = series.flatMap((curve) => curve.x);
  const ys =
      series.flatMap((curve) => [...curve.y, ...(curve.low ?? []), ...(curve.high ?? [])]).filter(usable);
  const x0 = Math.min(...xs), x1 = Math.max(...xs);
  const y0 = Math.min(...ys, ...(fromZero ? [0] : [])), y1 = Math.max(...ys);
  const place = logY ? Math.log : (value) => value;
  const share = (value, from, to) => (to > from ? (value - from) / (to - from) : 0.5);
  return {
    xTicks: ticks(x0, x1),
    yTicks: logY && y1 / y0 > 3 ? logTicks(y0, y1) : ticks(y0, y1),
    usable,
    x: (value) =>
        left + (width - left - right) * (fallingX ? 1 - share(value, x0, x1) : share(value, x0, x1)),
    y: (value) => height - bottom - (height - top - bottom) * share(place(value), place(y0), place(y1)),
  };
}

/** A point between gaps is a dot. */
function curvePath(curve, axis, key) {
  let path = '', pen = 'M';
  curve.x.forEach((x, i) => {
    if (!axis.usable(curve[key][i])) return void (pen = 'M');
    path += `${pen}${axis.x(x).toFixed(1)} ${axis.y(curve[key][i]).toFixed(1)}${pen === 'M' ? 'h0' : ''}`;
    pen = 'L';
  });
  return path;
}

function bandPath(curve, axis) {
  const points = curve.x.map((x, i) => [axis.x(x), curve.low[i], curve.high[i]])
                     .filter(([, low, high]) => axis.usable(low) && axis.usable(high));
  const line = (list) => list.map(([x, y]) => `${x.toFixed(1)} ${axis.y(y).toFixed(1)}`).join('L');
  if (points.length < 2) return '';
  return `M${line(points.map(([x, low]) => [x, low]))}L${
      line(points.map(([x, , high]) => [x, high]).reverse())}Z`;
}

/** The ticks' numbers, with as many digits as tell them apart. */
function tickTexts(values) {
  for (let digits = 4;; ++digits) {
    const texts = values.map((value) => short(value, digits));
    if (new Set(texts).size === values.length || digits === 12) return texts;
  }
}

function frame(axis, {xLabel}) {
  const {width, height, left, right, bottom} = chartSize;
  const yTexts = tickTexts(axis.yTicks), xTexts = tickTexts(axis.xTicks);
  return [
    axis.yTicks.map(
        (tick, i) =>
            [element(
                 'line', {class: 'grid', x1: left, x2: width - right, y1: axis.y(tick), y2: axis.y(tick)}),
             element('text', {x: left - 6, y: axis.y(tick) + 4, 'text-anchor': 'end'}, yTexts[i])]),
    axis.xTicks.map(
        (tick, i) => element(
            'text', {x: axis.x(tick), y: height - bottom + 16, 'text-anchor': 'middle'}, xTexts[i])),
    element('text', {x: width - right, y: height - 3, 'text-anchor': 'end'}, xLabel ?? ''),
  ];
}

/** The value of a curve at `x`, or the last one before, with its place. */
function valueText(curve, x) {
  const i = curve.x.indexOf(x), before = i < 0 ? curve.x.findLastIndex((other) => other < x) : i;
  if (before < 0) return '–';
  return i < 0 ? `${short(curve.y[before])} at ${short(curve.x[before])}` : short(curve.y[i]);
}

/**
 * The legend's entries, and a function that writes the values at number `i` of the first curve's x into
 * them.
 */
function legend(chart, shown) {
  const values = shown.map(() => element('b'));
  const entries = shown.map(
      (curve, s) => element('span', {class: `series-${s}`}, element('i'), curve.name, ' ', values[s]));
  const position = element('span');
  const say = (i) => {
    if (i === null) return void[position, ...values].forEach((part) => part.replaceChildren());
    const x = shown[0].x[i];
    position.textContent = `${chart.xName ?? chart.xLabel ?? 'x'} ${short(x)}`;
    shown.forEach((curve, s) => {
      values[s].textContent = valueText(curve, x);
    });
  };
  return {row: element('div', {class: 'legend', 'aria-live': 'polite'}, entries, position), say};
}

/** Moves a cursor over the x values of a curve, by pointer and arrow keys. */
function followCursor(svg, curve, axis, say) {
  const {top, bottom, height, width} = chartSize;
  const line =
      svg.appendChild(element('line', {class: 'cursor', y1: top, y2: height - bottom, visibility: 'hidden'}));
  let at = null;
  const move = (i) => {
    at = i;
    line.setAttribute('visibility', i === null ? 'hidden' : 'visible');
    if (i !== null)
      for (const end of ['x1', 'x2']) line.setAttribute(end, axis.x(curve.x[i]));
    say(i);
  };
  svg.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect(), x = ((event.clientX - box.left) / box.width) * width;
    const distance = (i) => Math.abs(axis.x(curve.x[i]) - x);
    move(curve.x.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0));
  });
  svg.addEventListener('pointerleave', () => move(null));
  svg.addEventListener('blur', () => move(null));
  svg.addEventListener('keydown', (event) => {
    const ahead = axis.x(curve.x[curve.x.length - 1]) > axis.x(curve.x[0]) ? 1 : -1;
    const step = {ArrowLeft: -ahead, ArrowRight: ahead}[event.key];
    if (!step) return;
    event.preventDefault();
    move(Math.max(0, Math.min(curve.x.length - 1, (at ?? (step > 0 ? -1 : curve.x.length)) + step)));
  });
}

/**
 * {title, series: [{name, x, y, low, high, faint}], xLabel, xName, logY, fallingX, fromZero, note}.
 * Faint curves have no entry in the legend; up to four others have.
 */
function lineChart(chart) {
  const {width, height} = chartSize;
  const axis = axes(chart), shown = chart.series.filter((curve) => !curve.faint);
  const svg = element(
      'svg', {
        viewBox: `0 0 ${width} ${height}`,
        role: 'img',
        tabindex: shown.length ? 0 : null,
        'aria-label': chart.title
      },
      frame(axis, chart));
  for (const curve of chart.series.filter((other) => other.faint)) {
    svg.append(element(
        'path', {class: 'curve faint', d: curvePath(curve, axis, 'y')}, element('title', {}, curve.name)));
  }
  shown.forEach((curve, s) => {
    if (curve.low) svg.append(element('path', {class: `band series-${s}`, d: bandPath(curve, axis)}));
    svg.append(element('path', {class: `curve series-${s}`, d: curvePath(curve, axis, 'y')}));
  });
  const {row, say} = legend(chart, shown);
  if (shown.length) followCursor(svg, shown[0], axis, say);
  return element(
      'figure', {class: 'chart card'}, element('h3', {}, chart.title), row, svg,
      chart.note && element('figcaption', {}, chart.note));
}
