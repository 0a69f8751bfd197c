// Matrices as heat maps.

function prototypeMatrix(matrix, more) {
  return {...matrix, rows: matrix.rows.map(labelOf), columns: matrix.columns.map(String), ...more};
}

function spearmanMap() {
  return spearman && heatMap(prototypeMatrix(spearman, {
           title: 'Correlation of activations',
           limit: 1,
           from: 'diagnose',
           text: 'Spearman, over test images; prototypes that correlate stand next to each other.',
           describe: (r, c, value) =>
               `${labelOf(spearman.rows[r])} and ${labelOf(spearman.columns[c])}: ${signed(value)}`
         }));
}

function effectMap() {
  return effects && heatMap(prototypeMatrix(effects, {
           title: 'What raising a prototype does to all',
           limit: 1,
           from: effectsFrom,
           text:
               'Change of every prototype (columns) for one asked of another (rows), both in standard deviations.',
           describe: (r, c, value) => `raising ${labelOf(effects.rows[r])} changes ${
               labelOf(effects.columns[c])} by ${signed(value)}`
         }));
}

/** How often raising each prototype puts an attribute in, less how often it takes it away. */
function attributeMap() {
  const rows = rowsOf('evaluate/control.csv');
  const names = attributesOf(rows[0]);
  if (names.length === 0) return null;
  const values = rows.map((row) => names.map((name) => {
    const known = [row[`${name} appears`], row[`${name} vanishes`]];
    return known.every((share) => !isNumber(share)) ? null : (known[0] ?? 0) - (known[1] ?? 0);
  }));
  return heatMap({
    title: 'What raising a prototype does to attributes',
    limit: 1,
    from: 'evaluate',
    rows: rows.map((row) => labelOf(row.prototype)),
    columns: names,
    values,
    text:
        'Share of images in which the attribute appears, less the share in which it vanishes, as a classifier sees them.',
    describe: (r, c, value) => `raising ${labelOf(rows[r].prototype)}: ${names[c]} appears in ${
                                   fixed(rows[r][`${names[c]} appears`])}, ` +
        `vanishes in ${fixed(rows[r][`${names[c]} vanishes`])} (${signed(value)})`
  });
}

/** The strongest effect of editing one attribute on another; the diagonal is the attribute itself. */
function pairMap() {
  const d = report.records.diagnose;
  if (!d?.pairs.length) return null;
  const names = d.encoded.map((row) => row.attribute)
                    .filter((name) => d.pairs.some((pair) => pair.source === name || pair.target === name));
  const found = new Map(d.pairs.map((pair) => [pairName(pair), pair]));
  const own = (name) => d.own_effects.filter((row) => row.attribute === name)
                            .sort((a, b) => b.effect.value - a.effect.value)[0];
  const edit = (source, target) =>
      (source === target ? own(source) :
           found.has(`${source} → ${target}`) ? strongestEdit(found.get(`${source} → ${target}`)) :
                                                null);
  return heatMap({
    title: 'What editing an attribute does to others',
    limit: 1,
    from: 'diagnose',
    rows: names,
    columns: names,
    values: names.map((source) => names.map((target) => edit(source, target)?.effect.value ?? null)),
    text:
        'Change of the probability of an attribute (columns) when another (rows) is put in, strongest kind of edit.',
    describe: (r, c) => {
      const e = edit(names[r], names[c]);
      return e ? `${names[r]} → ${names[c]}: ${interval(e.effect, 2, signed)} (${e.edit} edit)` :
                 `${names[r]} → ${names[c]}: not tested`;
    }
  });
}

const matrixMaps = () => [spearmanMap(), effectMap(), attributeMap(), pairMap()].filter(Boolean);

function matricesView() {
  return [
    element('h1', {}, 'Matrices'),
    element('p', {class: 'soft'}, 'Rest the pointer on a cell, or step with the arrow keys, to read it.'),
    element('div', {class: 'heat-maps'}, matrixMaps())
  ];
}
