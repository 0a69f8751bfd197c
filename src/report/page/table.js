// A table that sorts by any column.

/** Unknown values come last, whichever way. */
function compareCells(a, b, direction) {
  const isUnknown = (cell) => cell === null || cell === undefined || cell === '' || Number.isNaN(cell);
  if (isUnknown(a) || isUnknown(b)) return isUnknown(a) - isUnknown(b);
  if (isNumber(a) && isNumber(b)) return direction * (a - b);
  return direction * String(a).localeCompare(String(b), undefined, {numeric: true});
}

/**
 * Columns: {title, value(row) to sort by, show(row) to see, number: right-aligned, plain: not sortable,
 * hint}. A click on a head sorts by it, numbers from the largest, and a second one turns the order round.
 * `order`: {title, direction} of the column that it is sorted by at first, kept up to date.
 */
function sortableTable(columns, rows, {caption = null, order = {}} = {}) {
  const body = element('tbody');
  const heads = columns.map(
      (column) => element(
          'th', {class: column.number && 'number', scope: 'col', title: column.plain && column.hint},
          column.plain ? column.title :
                         element(
                             'button', {type: 'button', title: column.hint, onclick: () => sort(column)},
                             column.title)));
  let sorted = null, direction = 1;

  function fill() {
    const shown =
        sorted ? [...rows].sort((a, b) => compareCells(sorted.value(a), sorted.value(b), direction)) : rows;
    body.replaceChildren(...shown.map(
        (row) => element(
            'tr', {},
            columns.map(
                (column) => element(
                    'td', {class: column.number && 'number'},
                    column.show ? column.show(row) : cellText(column.value(row)))))));
  }

  function sort(column, wanted = null) {
    const numbers = rows.some((row) => isNumber(column.value(row)));
    direction = wanted ?? (sorted === column ? -direction : numbers ? -1 : 1);
    sorted = column;
    Object.assign(order, {title: column.title, direction});
    columns.forEach((other, i) => {
      if (other === column)
        heads[i].setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      else
        heads[i].removeAttribute('aria-sort');
    });
    fill();
  }

  const kMany = 7;
  const start = columns.find((column) => column.title === order.title);
  if (start)
    sort(start, order.direction);
  else
    fill();
  return element(
      'div', {}, caption && element('p', {class: 'soft'}, caption),
      element(
          'div', {class: 'scroll'},
          element(
              'table', {class: columns.length > kMany && 'dense'},
              element('thead', {}, element('tr', {}, heads)), body)));
}

const cellText = (value) => (isNumber(value) ? short(value) : value ?? '–');

// Kinds of columns. Each takes a row to what it shows.

const textColumn = (title, value, hint = null) => ({title, value, hint, show: value});

const countColumn = (title, value) => ({title, value, number: true});

function numberColumn(title, value, digits = 2, hint = null) {
  return {title, value, number: true, hint, show: (row) => fixed(value(row), digits)};
}

function signedColumn(title, value) {
  return {title, value, number: true, show: (row) => signed(value(row))};
}

/** `estimate` gives {value, low, high}; it sorts by the value. */
function intervalColumn(title, estimate, digits = 2, write = fixed) {
  return {
    title,
    number: true,
    value: (row) => estimate(row)?.value,
    show: (row) => interval(estimate(row), digits, write)
  };
}

/** `value` gives {mean, sd}; it sorts by the mean. */
function meanColumn(title, value, digits, hint = null) {
  return {
    title,
    hint,
    number: true,
    value: (row) => value(row)?.mean,
    show: (row) => meanSd(value(row), digits)
  };
}

/** `index` gives a prototype, which is linked. */
function prototypeColumn(title, index) {
  return {title, value: index, show: (row) => (isNumber(index(row)) ? prototypeLink(index(row)) : '–')};
}
