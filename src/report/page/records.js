// What the report holds, joined by prototype.

const report = JSON.parse(document.getElementById('report').textContent);

/** The rows of a table as objects; none where it is not there. */
function rowsOf(name) {
  const table = report.tables[name];
  if (!table) return [];
  return table.rows.map((row) => Object.fromEntries(table.columns.map((column, i) => [column, row[i]])));
}

const byPrototype = (name) => new Map(rowsOf(name).map((row) => [row.prototype, row]));

/**
 * {rows: labels, columns: labels, values} of a table whose first column names the rows; null where it is not
 * there.
 */
function matrixOf(name) {
  const table = report.tables[name];
  if (!table) return null;
  return {
    rows: table.rows.map((row) => row[0]),
    columns: table.columns.slice(1).map(Number),
    values: table.rows.map((row) => row.slice(1))
  };
}

const labelOf = (index) =>
    (report.prototypes[index] ? `${index} ${report.prototypes[index]}` : String(index));

const prototypeLink = (index) => element('a', {href: `#prototype-${index}`}, labelOf(index));

/** The numbers in row `index` of a matrix, the largest first, without its own: {index, value}. */
function strongestIn(matrix, index, count) {
  const row = matrix ? matrix.rows.indexOf(index) : -1;
  if (row < 0) return [];
  return matrix.columns.map((other, i) => ({index: other, value: matrix.values[row][i]}))
      .filter((entry) => entry.index !== index && isNumber(entry.value))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, count);
}

const spearman = matrixOf('diagnose/spearman.csv');
const effectsFrom = report.tables['evaluate/effects.csv'] ? 'evaluate' : 'diagnose';
const effects = matrixOf(`${effectsFrom}/effects.csv`);

function joinPrototypes() {
  const visualized = byPrototype('visualize-prototypes/prototypes.csv'),
        control = byPrototype('evaluate/control.csv');
  const emergence = byPrototype('emergence/prototypes.csv');
  return report.prototypes.map((name, index) => ({
                                 index,
                                 name,
                                 told: report.told[index],
                                 view: report.views?.[index] ?? null,
                                 visualized: visualized.get(index) ?? null,
                                 control: control.get(index) ?? null,
                                 emergence: emergence.get(index) ?? null,
                                 correlates: strongestIn(spearman, index, 6),
                                 moves: strongestIn(effects, index, 6)
                               }));
}

const prototypes = joinPrototypes();

/** The attributes that a row of evaluate/control.csv speaks of. */
function attributesOf(control) {
  return Object.keys(control ?? {})
      .filter((name) => name.endsWith(' appears'))
      .map((name) => name.slice(0, -' appears'.length));
}

/** {value, low, high} of the columns `name`, `name_low`, `name_high`. */
function estimateIn(row, name) {
  return row && {value: row[name], low: row[`${name}_low`], high: row[`${name}_high`]};
}
