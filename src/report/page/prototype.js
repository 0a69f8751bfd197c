// Everything about one prototype.

function turn(index) {
  const link = (to, text, key) =>
      (report.prototypes[to] === undefined ?
           element('span') :
           element('a', {href: `#prototype-${to}`, title: `${key} arrow key`}, text));
  return element(
      'div', {class: 'turn'}, link(index - 1, `← ${index - 1}`, 'left'),
      element('a', {href: '#prototypes'}, 'all prototypes'), link(index + 1, `${index + 1} →`, 'right'));
}

/** Says where pictures are smaller than the images. */
function averagedDown({size, drawn_size: drawn}) {
  return drawn < size ? ` Pictures are averaged down to ${drawn} of ${size} pixels a side.` : '';
}

function raisedSection(p) {
  const view = p.view;
  if (!view) return null;
  const after = `${fixed(view.after)} of ${fixed(view.asked)} asked for`;
  return [
    element('h2', {}, 'Raised to its plausible maximum'), made('visualize-prototypes'),
    element(
        'div', {class: 'tiles'},
        captioned(
            tile(view.original, view.size, {side: 160, label: 'original'}),
            `original, activation ${fixed(view.before)}`),
        captioned(
            tile(view.enhanced, view.size, {side: 160, box: view.box, label: 'enhanced'}),
            `enhanced, ${after}`),
        view.difference &&
            captioned(
                tile(view.difference, view.size, {side: 160, box: view.box, label: 'difference'}),
                'difference: no change is gray'),
        captioned(
            patchTile(view.enhanced, view.size, view.box, {side: 160, label: 'enhanced patch'}),
            'the patch that it then answers to most')),
    element(
        'p', {class: 'soft'},
        `In ${view.file}; the other activations are kept, the image is regenerated from its own noise.${
            averagedDown(view)}`)
  ];
}

function nearestSection(p) {
  if (!p.view?.nearest.length) return null;
  return [
    element('h2', {}, 'Nearest real patches'), made('visualize-prototypes'),
    element(
        'div', {class: 'tiles'},
        p.view.nearest.map(
            (real) => captioned(
                element(
                    'div', {class: 'tiles pair'},
                    patchTile(real.picture, p.view.size, real.box, {side: 96, label: 'patch'}),
                    tile(real.picture, p.view.size, {side: 96, box: real.box, label: real.file})),
                `${real.file}, activation ${fixed(real.activation)}`)))
  ];
}

function numbersSection(p) {
  const rows = [
    ['effect', p.visualized && `${signed(p.visualized.effect, 1)} standard deviations when raised (median)`],
    ['gain', p.visualized && `${fixed(p.visualized.gain)} of the asked increase arrives (median)`],
    [
      'consistency',
      p.visualized && `${fixed(p.visualized.consistency)} (1: its enhanced patches are all alike)`
    ],
    [
      'in real images',
      p.visualized?.maximum !== undefined &&
          `activation from ${fixed(p.visualized.minimum)} to ${
              fixed(p.visualized.maximum)}, standard deviation ${fixed(p.visualized.deviation)}`
    ],
    [
      'usage',
      isNumber(p.visualized?.usage) &&
          `${
              fixed(
                  100 * p.visualized.usage,
                  1)} % of all real patches are nearer to it than to any other prototype`
    ],
    [
      'drift',
      p.control && `${fixed(p.control.drift)} standard deviations, mean change of all other prototypes`
    ],
    [
      'inside',
      p.control &&
          `${fixed(p.control.inside)} of the image's change lies in its patch, which is ${
              fixed(p.control.area)} of the image`
    ]
  ];
  const known = rows.filter(([, text]) => text);
  return known.length ? definitions(known) : null;
}

/** Attributes that it tells, and what raising it does to attributes as a classifier sees them. */
function attributeSection(p) {
  const control = p.control ?? {};
  const strongest = (name) => Math.max(control[`${name} appears`] ?? -1, control[`${name} vanishes`] ?? -1);
  const names = attributesOf(control).sort((a, b) => strongest(b) - strongest(a));
  const told = p.told.map(
      (one) => element(
          'li', {}, `${one.attribute}${one.rises ? '' : ' (falls with it)'}, AUROC ${fixed(one.auroc, 3)}`));
  const bar = (share, falls) =>
      (isNumber(share) ?
           [
             fixed(share), ' ',
             element('i', {class: falls ? 'bar falls' : 'bar', style: `width: ${(5 * share).toFixed(2)}rem`})
           ] :
           '–');
  const column = (title, end, falls) =>
      ({title, value: (name) => control[name + end], show: (name) => bar(control[name + end], falls)});
  return [
    told.length ?
        [
          element('h2', {}, 'Attributes that it tells best'), made('diagnose', 'evaluate'),
          element('ul', {}, told)
        ] :
        null,
    names.length ?
        [
          element('h2', {}, 'What raising it does to attributes'), made('evaluate'),
          sortableTable(
              [
                {title: 'attribute', value: (name) => name}, column('appears', ' appears', false),
                column('vanishes', ' vanishes', true)
              ],
              names, {
                caption:
                    'share of the images without it in which it appears, and of those with it in which it vanishes, as a classifier sees them; –: no such image, or the classifier cannot tell it'
              })
        ] :
        null
  ];
}

function relationSection(p) {
  const list = (title, from, entries, text) =>
      (entries.length ? element(
                            'div', {}, element('h2', {}, title), made(from),
                            sortableTable(
                                [
                                  prototypeColumn('prototype', (entry) => entry.index),
                                  textColumn('tells', (entry) => toldText(prototypes[entry.index])),
                                  signedColumn(text, (entry) => entry.value)
                                ],
                                entries)) :
                        null);
  return element(
      'div', {class: 'columns'}, list('Correlates', 'diagnose', p.correlates, 'Spearman'),
      list('Moves when it is raised', effectsFrom, p.moves, 'per standard deviation'));
}

/** Intervals end at this share: few images may give far wider ones. */
const maxShare = 2;

/** Curves of one prototype out of a table with a row each point. */
function curveOf(table, index, x, name) {
  const rows = rowsOf(table).filter((row) => row.prototype === index);
  const capped = (share) => (isNumber(share) ? Math.min(share, maxShare) : share);
  return {
    name,
    x: rows.map((row) => row[x]),
    y: rows.map((row) => row.share),
    low: rows.map((row) => capped(row.share_low)),
    high: rows.map((row) => capped(row.share_high))
  };
}

function emergenceSection(p) {
  const e = p.emergence;
  if (!e) return null;
  const emerges = e.state === 'emerges', time = (name) => interval(estimateIn(e, name), 0);
  const chart = (title, curve, xLabel) =>
      (emerges && curve.y.some(isNumber) ?
           lineChart({title, series: [curve], xLabel, xName: 't', fallingX: true, fromZero: true}) :
           null);
  return [
    element('h2', {}, 'In denoising'), made('emergence'), definitions([
      ['state', e.state],
      [
        'shows',
        emerges ? `half of the difference at t = ${time('t50')}, a tenth at ${
                                    time('t10')}, nine tenths at ${time('t90')}` :
                                '–'
      ],
      [
        'decided',
        emerges ?
            `at t = ${time('decided')}: of an edit that begins later, more than half is lost` :
            '–'
      ]
    ]),
    element(
        'div', {class: 'columns charts'},
        chart(
            'Share of the final difference', curveOf('emergence/emergence.csv', p.index, 'timestep', 'shown'),
            't: from noise to image'),
        chart(
            'Share that an edit still brings about',
            curveOf('emergence/decided.csv', p.index, 'start', 'brought about'),
            't at which the edit begins')),
    picture(
        `emergence/strip-${String(p.index).padStart(3, '0')}.png`,
        'The clean image as it is estimated step by step, without and with the prototype raised, and its activation in both.')
  ];
}

function prototypeView(index) {
  const p = prototypes[index];
  if (!p)
    return [
      element('h1', {}, `There is no prototype ${index}`),
      element('p', {}, element('a', {href: '#prototypes'}, 'all prototypes'))
    ];
  return [
    turn(index), element('h1', {}, `Prototype ${labelOf(index)}`),
    p.told.length ? element('p', {class: 'soft'}, `tells ${toldText(p)}`) : null, raisedSection(p),
    numbersSection(p), nearestSection(p), attributeSection(p), relationSection(p), emergenceSection(p)
  ];
}
