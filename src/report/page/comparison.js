// Which prototypes other runs have, too.

function comparedRunsTable(comparison) {
  return sortableTable(
      [
        textColumn('run', (row) => row.run), countColumn('prototypes', (row) => row.prototypes),
        numberColumn('found again', (row) => row.found_again, 2, 'share of this run\'s prototypes'),
        numberColumn('by chance', (row) => row.chance.found_again),
        numberColumn('Spearman', (row) => row.spearman, 2, 'mean over the matches'),
        numberColumn('by chance', (row) => row.chance.spearman),
        numberColumn('same place', (row) => row.overlap, 2, 'share of images'),
        numberColumn('by chance', (row) => row.chance.overlap),
        numberColumn('R²', (row) => row.r2, 2, 'of a linear function of all activations of the other run')
      ],
      [...comparison.runs, comparison.untrained]);
}

/** The match of each prototype in a run: its number there, its name and the correlation. */
function matchColumn(comparison, run) {
  const matches = new Map(comparison.matches.filter((row) => row.run === run && isNumber(row.match))
                              .map((row) => [row.prototype, row]));
  const match = (row) => matches.get(row.prototype);
  return {
    title: run,
    value: (row) => match(row)?.spearman.value,
    show: (row) => match(row) ?
        `${[match(row).match, match(row).match_name].filter((part) => part !== '').join(' ')}: ${
            interval(match(row).spearman)}` :
        '–'
  };
}

function comparedPrototypesTable(comparison) {
  return sortableTable(
      [
        prototypeColumn('prototype', (row) => row.prototype),
        numberColumn(
            'found in', (row) => row.found_in, 0, `of ${counted(comparison.runs.length, 'other run')}`),
        numberColumn('R²', (row) => row.r2, 2, 'mean over the other runs'),
        numberColumn(
            'untrained', (row) => row.untrained_spearman, 2, 'Spearman with its match before training'),
        ...comparison.runs.map(({run}) => matchColumn(comparison, run))
      ],
      comparison.prototypes);
}

function comparisonSection() {
  const comparison = report.records.compare;
  if (!comparison) return null;
  return [
    element('h2', {}, 'Prototypes in other runs'), made('compare'),
    protocol(imagesText(comparison.protocol), comparison.protocol), comparedRunsTable(comparison),
    element('h3', {}, 'Each prototype'), comparedPrototypesTable(comparison)
  ];
}
