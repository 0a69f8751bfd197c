// The index of all prototypes.

function thumbnails(p) {
  if (!p.view) return '';
  const real = p.view.nearest[0];
  return element(
      'a', {href: `#prototype-${p.index}`, tabindex: -1, 'aria-hidden': 'true'},
      real && patchTile(real.picture, p.view.size, real.box, {side: 36}),
      patchTile(p.view.enhanced, p.view.size, p.view.box, {side: 36}));
}

const toldText = (p) => p.told.map((told) => told.attribute + (told.rises ? '' : ' (falls)')).join(', ');

/**
 * Attributes that appear in at least half of the images without them when it is raised, and with a minus
 * those that vanish.
 */
function bringsText(p) {
  const often = (end, sign) =>
      attributesOf(p.control).filter((name) => p.control[`${name} ${end}`] >= 0.5).map((name) => sign + name);
  return [...often('appears', ''), ...often('vanishes', '−')].join(', ');
}

/** Columns for which the run has numbers. */
function prototypeColumns() {
  const of = (part, name) => (p) => p[part]?.[name] ?? null;
  const told = prototypes.some((p) => p.told.length) && [
    textColumn(
        'tells', toldText,
        'attributes that it tells better than any other: chosen on half of the test images by diagnose, of those it does not know on the probed images by evaluate'),
    numberColumn('AUROC', (p) => p.told[0]?.auroc ?? null, 3, 'of the attribute that it tells best')
  ];
  const brought =
      prototypes.some((p) => attributesOf(p.control).length) &&
      textColumn(
          'brings', bringsText,
          'attributes that appear, or with a minus vanish, in at least half of the images when it is raised');
  const raised = prototypes.some((p) => p.visualized) && [
    numberColumn(
        'effect', of('visualized', 'effect'), 1, 'median increase when raised, in standard deviations'),
    numberColumn('gain', of('visualized', 'gain'), 2, 'share of the asked increase that arrives'),
    numberColumn(
        'consistency', of('visualized', 'consistency'), 2,
        'how alike its enhanced patches are: 1 all the same'),
    numberColumn(
        'usage', of('visualized', 'usage'), 3,
        'share of all real patches that are nearer to it than to any other prototype')
  ];
  const controlled = prototypes.some((p) => p.control) && [
    numberColumn(
        'drift', of('control', 'drift'), 2, 'mean absolute change of all others, in standard deviations'),
    numberColumn('inside', of('control', 'inside'), 2, 'share of the image\'s change inside its patch')
  ];
  const emerging = prototypes.some((p) => p.emergence) &&
      numberColumn('decided at t', of('emergence', 'decided'), 0,
                   'of an edit that begins later, more than half is lost');
  return [
    prototypes.some((p) => p.view) &&
        {title: 'patches', hint: 'nearest real one, enhanced one', plain: true, show: thumbnails},
    prototypeColumn('prototype', (p) => p.index), told, brought, raised, controlled, emerging,
    spearman && correlatesColumn()
  ].flat()
      .filter(Boolean);
}

function correlatesColumn() {
  const most = (p) => p.correlates[0];
  const link = (p) => element('a', {href: `#prototype-${most(p).index}`}, most(p).index);
  return {
    title: 'correlates',
    number: true,
    hint: 'largest Spearman correlation with another, and which that is',
    value: (p) => Math.abs(most(p)?.value ?? NaN),
    show: (p) => (most(p) ? [signed(most(p).value), ' ', link(p)] : '–')
  };
}

function prototypesView() {
  const columns = prototypeColumns(), place = element('div');
  const byEffect = columns.some((c) => c.title === 'effect');
  const order = byEffect ? {title: 'effect', direction: -1} : {title: 'prototype', direction: 1};
  const fill = (text) => {
    const shown = prototypes.filter(
        (p) =>
            `${labelOf(p.index)} ${toldText(p)} ${bringsText(p)}`.toLowerCase().includes(text.toLowerCase()));
    place.replaceChildren(sortableTable(columns, shown, {order}));
  };
  fill('');
  return [
    element('h1', {}, 'Prototypes'),
    element(
        'p', {class: 'soft'},
        'Choose one to see what it looks at and what raising it does. A head sorts; rest the pointer on it to read what it means.'),
    made('visualize-prototypes', 'evaluate', 'diagnose', 'emergence'), element('input', {
      type: 'search',
      placeholder: 'name, number or attribute',
      'aria-label': 'Show prototypes that contain',
      oninput: (event) => fill(event.target.value)
    }),
    place
  ];
}
