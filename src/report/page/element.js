// Elements of the page, and numbers as text. All texts of the report go through text nodes, never through
// HTML.

const svgTags = new Set(['svg', 'path', 'rect', 'line', 'text', 'image', 'title']);

/** element("a", {href: "#x", onclick: f}, "text", other): attributes that are null or false are left out. */
function element(tag, attributes = {}, ...children) {
  const made = svgTags.has(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) :
                                  document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on'))
      made.addEventListener(name.slice(2), value);
    else
      made.setAttribute(name, value === true ? '' : value);
  }
  made.append(
      ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

/** "−0.25"; "–" for what is not known. */
function fixed(value, digits = 2) {
  if (!isNumber(value)) return '–';
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** "+0.25"; without a sign where nothing is left of the number. */
function signed(value, digits = 2) {
  const text = fixed(value, digits);
  return value > 0 && /[1-9]/.test(text) ? '+' + text : text;
}

/** At most `digits` significant digits, whole numbers whole. */
function short(value, digits = 4) {
  if (!isNumber(value)) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value).replace('-', '−');
  return String(Number(value.toPrecision(digits))).replace('-', '−');
}

/** "1 pair", "3 pairs". */
function counted(count, noun) { return `${count} ${noun}${count === 1 ? '' : 's'}`; }

/** "0.25 [0.20, 0.31]" of a value with its interval. */
function interval(estimate, digits = 2, write = fixed) {
  if (!estimate || !isNumber(estimate.value)) return '–';
  return `${write(estimate.value, digits)} [${write(estimate.low, digits)}, ${write(estimate.high, digits)}]`;
}

/** "0.25 ± 0.02" of {mean, sd}. */
function meanSd(value, digits) {
  if (!isNumber(value?.mean)) return '–';
  return fixed(value.mean, digits) + (isNumber(value.sd) ? ` ± ${fixed(value.sd, digits)}` : '');
}

const settingText = (value) =>
    (Number.isInteger(value)  ? String(value) :
         isNumber(value)      ? short(value) :
         Array.isArray(value) ? value.map(settingText).join(', ') :
                                String(value ?? '–'));

/** "256 images of the test split" of a protocol. */
const imagesText = ({images, split} = {}) => `${short(images)} images of the ${split} split`;

/** What a result was measured on, which unfolds into all settings behind it. */
function protocol(what, settings) {
  if (!settings) return null;
  const shown = Object.entries(settings)
                    .filter(([, value]) => typeof value !== 'object' || value?.length)
                    .map(([name, value]) => [name.replaceAll('_', ' '), settingText(value)]);
  const row = ([name, text]) => element(
      'div', {class: name.length + text.length > 34 && 'long'}, element('dt', {}, name),
      element('dd', {}, text));
  return element(
      'details', {class: 'protocol'}, element('summary', {}, `${what} · all settings`),
      element('dl', {}, shown.map(row)));
}

/** Of which models the results of commands are: a line, or several where they are of others. */
function made(...commands) {
  const groups = new Map();
  for (const {command, models, stale} of commands.map((name) => report.made[name]).filter(Boolean)) {
    if (!groups.has(models)) groups.set(models, {stale, names: []});
    groups.get(models).names.push(command);
  }
  return [...groups].map(
      ([models, {stale, names}]) => element(
          'p', {class: stale ? 'made stale' : 'made'}, stale && element('strong', {}, 'Out of date: '),
          `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} ${models}.`));
}

function definitions(pairs) {
  return element('dl', {}, pairs.map(([name, text]) => [element('dt', {}, name), element('dd', {}, text)]));
}

/** A picture that a command drew, if it is there. */
function picture(name, caption) {
  const source = report.pictures[name];
  if (!source) return null;
  return element(
      'figure', {}, element('img', {class: 'figure', src: source, alt: caption}),
      element('figcaption', {}, caption));
}
