// What the run is, how its training went, and what the report lacks.

function remarks() {
  if (report.remarks.length === 0) return null;
  return element(
      'section', {class: 'card remarks'}, element('strong', {}, 'What this page lacks'),
      element(
          'ul', {},
          report.remarks.map(
              (remark) => element('li', {}, remark.what, element('code', {}, remark.command)))));
}

const modelAtAGlance = () => [element('h2', {}, 'Model'), definitions(report.facts)];

function findingsAtAGlance() {
  if (!report.records.diagnose?.pairs.length) return null;
  const line = (pair) => element(
      'li', {}, element('a', {href: '#findings'}, findingText(pair)),
      ` ${interval(strongestEdit(pair).effect, 2, signed)}`, findingRemarks(pair));
  const found = foundPairs();
  return [
    element('h2', {}, 'Findings'), made('diagnose'),
    found.length ? element('ol', {}, found.map(line)) : element('p', {}, nothingFound())
  ];
}

function metricsAtAGlance() {
  const e = report.records.evaluate;
  if (!e) return null;
  const activations = Object.values(e.representation ?? {}).find((value) => value?.latent_auroc);
  const pairs = [
    activations && ['latent AUROC', meanSd(activations.latent_auroc, 3)],
    activations && ['captured', meanSd(activations.captured, 1)],
    e.control && ['gain', `${fixed(e.control.gain)} of an asked change arrives (median)`],
    isNumber(e.control?.directions) &&
        ['directions', `${fixed(e.control.directions, 1)} that images answer to`],
    e.reconstruction && ['reconstruction', `${meanSd(e.reconstruction.psnr_db, 1)} dB`],
    ...['real', 'conditional', 'unconditional']
        .filter((name) => e.generation?.[name])
        .map(
            (name) =>
                [name === 'real' ? 'other real images' : `${name} images`,
                 (e.generation[name].fid ?
                      `FID ${meanSd(e.generation[name].fid, 2)}` :
                      `Fréchet distance (not FID) ${meanSd(e.generation[name].frechet_distance, 3)}`) +
                     (hasTooFewImages(e.generation[name]) ? ', too large: of too few images' : '')]),
  ].filter(Boolean);
  return [
    element('h2', {}, 'Metrics'), made('evaluate', 'generation'), definitions(pairs),
    element('p', {class: 'soft'}, element('a', {href: '#metrics'}, 'all, with how they were measured'))
  ];
}

/** Nearest real patch of each prototype, those with the largest effect first. */
function prototypesAtAGlance() {
  const shown = prototypes.filter((p) => p.view)
                    .sort((a, b) => compareCells(a.visualized?.effect, b.visualized?.effect, -1));
  if (shown.length === 0) return null;
  return [
    element('h2', {}, 'Prototypes'), made('visualize-prototypes'),
    element('div', {class: 'tiles tight'}, shown.map((p) => {
      const real = p.view.nearest[0];
      const patch = real ? patchTile(real.picture, p.view.size, real.box, {side: 48}) :
                           patchTile(p.view.enhanced, p.view.size, p.view.box, {side: 48});
      return element(
          'a', {
            href: `#prototype-${p.index}`,
            title: toldText(p) || null,
            'aria-label': `Prototype ${labelOf(p.index)}`
          },
          captioned(patch, labelOf(p.index)));
    })),
    element('p', {class: 'soft'}, 'Their nearest real patches, those with the largest effect first.')
  ];
}

/** Images with every value of every attribute, by split. */
function attributeTable(data) {
  const count = (counts, split) => counts?.[split] ?? 0;
  const rows = data.attributes.flatMap(
      (attribute) =>
          [...Object.entries(attribute.values)
               .map(([value, counts]) => ({attribute: attribute.name, value, counts})),
           ...(count(attribute.unknown, 'train') + count(attribute.unknown, 'test') > 0 ?
                   [{attribute: attribute.name, value: 'unknown', counts: attribute.unknown}] :
                   [])]);
  return sortableTable(
      [
        textColumn('attribute', (row) => row.attribute), textColumn('value', (row) => row.value),
        countColumn('training', (row) => count(row.counts, 'train')),
        countColumn('test', (row) => count(row.counts, 'test'))
      ],
      rows);
}

function dataSection() {
  const data = report.data;
  if (!data) return [element('h2', {}, 'Data'), element('p', {class: 'soft'}, 'The run holds no data.json.')];
  const listed = (title, list) =>
      (list.length ? [[title, list.map((line) => element('div', {}, line))]] : []);
  const leftOut =
      data.left_out.map((entry) => `${entry.what}: ${entry.count} (${entry.examples.join(', ')})`);
  return [
    element('h2', {}, 'Data'), definitions([
      ['kind', data.kind], ...(data.path ? [['folder', data.path]] : []),
      ['images', `${short(data.images.train)} training, ${short(data.images.test)} test (${data.division})`],
      ['prepared', data.preprocessing], ...listed('remarks', data.remarks), ...listed('left out', leftOut)
    ]),
    data.attributes.length ?
        element(
            'details', {}, element('summary', {}, counted(data.attributes.length, 'attribute')),
            attributeTable(data)) :
        null
  ];
}

function healthSection() {
  const health = report.health, count = report.prototypes.length;
  if (count === 0 || Object.keys(health).length === 0) return null;
  return [
    element('h2', {}, 'Health of the prototypes'), definitions([
      [
        'effective rank',
        `${fixed(health.effective_rank, 1)} of ${count}: as many independent ones would vary as much`
      ],
      ['nearest to some patch', `${short(health.winners)} of ${count}`],
      ['dead', `${short(health.dead)}: their activation hardly varies`],
      ['near-duplicates', `${short(health.duplicates)}: they correlate above 0.99 with an earlier one`],
      ['range', `${fixed(health.median_range)}, median over prototypes of largest less smallest activation`],
      ['correlation', `${fixed(health.mean_correlation)} on average (absolute)`]
    ])
  ];
}

function pictureSection() {
  const captions = {
    'samples/samples-': 'samples during training, the last ones',
    'samples/reconstruction-': 'reconstructions during training, the last ones',
    'sample/': 'patronus sample',
    'reconstruct/': 'patronus reconstruct',
    'interpolate/': 'patronus interpolate',
    'manipulate/': 'patronus manipulate',
    'explain/': 'patronus explain',
    'compare/': 'patronus compare'
  };
  const shown = Object.entries(captions).flatMap(
      ([prefix, caption]) => Object.keys(report.pictures)
                                 .filter((name) => name.startsWith(prefix))
                                 .map((name) => picture(name, `${caption}: ${name}`)));
  return shown.length ?
      [
        element('h2', {}, 'Pictures'),
        made('sample', 'reconstruct', 'interpolate', 'manipulate', 'explain', 'compare'),
        element('div', {class: 'columns'}, shown)
      ] :
      null;
}

function overviewView() {
  const environment =
      Object.entries(report.environment ?? {}).map(([name,
                                                     value]) => [name.replaceAll('_', ' '), String(value)]);
  return [
    element('h1', {}, report.name), element('p', {class: 'soft'}, `${report.state}, step ${report.step}`),
    remarks(),
    element(
        'div', {class: 'columns'},
        [modelAtAGlance(), findingsAtAGlance(), metricsAtAGlance()].filter(Boolean).map(
            (part) => element('section', {}, part))),
    prototypesAtAGlance(), element('h2', {}, 'Training'), made('train-latent'),
    element('div', {class: 'columns charts'}, report.charts.map((chart) => lineChart(chart))),
    healthSection(), dataSection(), comparisonSection(), pictureSection(), element('h2', {}, 'Configuration'),
    element('details', {}, element('summary', {}, 'config.yaml'), element('pre', {}, report.config)),
    environment.length ?
        element('details', {}, element('summary', {}, 'environment.json'), definitions(environment)) :
        null
  ];
}
