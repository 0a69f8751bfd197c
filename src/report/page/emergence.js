// When in denoising prototypes come about.

function relationText(name, relation) {
  if (!relation || !isNumber(relation.spearman)) return null;
  const meaning = relation.high < 0 ? 'In this model coarse changes come first.' :
      relation.low > 0              ? 'In this model fine changes come first.' :
                                      'No relation is shown.';
  return element(
      'p', {},
      `Spearman correlation of ${name} with the spatial frequency of the change, over ${
          relation.prototypes} prototypes: ` +
          `${interval({value: relation.spearman, ...relation})}. ${meaning}`);
}

function emergenceTable() {
  const of = (name) => (p) => estimateIn(p.emergence, name);
  return sortableTable(
      [
        prototypeColumn('prototype', (p) => p.index), textColumn('tells', toldText),
        intervalColumn('t50', of('t50'), 0), intervalColumn('decided at t', of('decided'), 0),
        intervalColumn('cycles a side', of('cycles_a_side')), textColumn('state', (p) => p.emergence.state)
      ],
      prototypes.filter((p) => p.emergence), {
        order: {title: 'decided at t'},
        caption:
            't50: half of the final difference is there to stay. Decided: of an edit that begins later, more than half is lost.'
      });
}

function conditionChart() {
  const rows = rowsOf('emergence/condition.csv');
  if (rows.length === 0) return null;
  const curve = (name, key) => ({
    name,
    x: rows.map((row) => row.timestep),
    y: rows.map((row) => row[key]),
    low: rows.map((row) => row[`${key}_low`]),
    high: rows.map((row) => row[`${key}_high`])
  });
  return lineChart({
    title: 'Where in t the condition is used: denoising loss',
    xLabel: 't: from noise to image',
    xName: 't',
    logY: true,
    fallingX: true,
    series: [
      curve('own activations', 'loss_own'), curve('another image\'s', 'loss_shuffled'),
      curve('mean ones', 'loss_mean')
    ]
  });
}

function decidedChart() {
  const curves = prototypes.filter((p) => p.emergence?.state === 'emerges').map((p) => {
    const name = [labelOf(p.index), toldText(p)].filter(Boolean).join(', ');
    return {...curveOf('emergence/decided.csv', p.index, 'start', name), low: null, high: null, faint: true};
  });
  return curves.length ? lineChart({
    title: 'Share of the difference that a late edit still brings about',
    series: curves,
    xLabel: 't at which the edit begins',
    fallingX: true,
    fromZero: true,
    note: 'a curve a prototype; rest the pointer on one to read which'
  }) :
                         null;
}

function emergenceView() {
  const record = report.records.emergence;
  return [
    element('h1', {}, 'Emergence'), made('emergence'),
    protocol(
        `${short(record.images)} images, ${counted(record.steps, 'step')}`,
        {...record, prototypes: null, timesteps: null, starts: null}),
    element('div', {class: 'columns charts'}, decidedChart(), conditionChart()),
    relationText('the t of decision', record.decided_and_frequency),
    relationText('t50', record.t50_and_frequency), emergenceTable()
  ];
}
