// What evaluate measured, each with its protocol.

function scoreTable(scores) {
  return sortableTable(
      [
        textColumn('representation', (row) => row.name),
        meanColumn(
            'latent AUROC', (row) => row.latent_auroc, 3,
            'linear probes, mean over attributes, ± over folds'),
        ...(scores.some((row) => row.class_accuracy) ?
                [meanColumn('accuracy', (row) => row.class_accuracy, 3)] :
                []),
        meanColumn('TAD', (row) => row.tad, 2), meanColumn('captured', (row) => row.captured, 1),
        meanColumn('possible', (row) => row.possible, 1),
        numberColumn('disentanglement', (row) => row.dci?.disentanglement, 3, 'DCI'),
        numberColumn('completeness', (row) => row.dci?.completeness, 3, 'DCI'),
        numberColumn('MIG', (row) => row.mig, 3)
      ],
      scores);
}

function captureTable(attributes) {
  const best = (row) => row.best_prototypes;
  return sortableTable(
      [
        textColumn('attribute', (row) => row.attribute),
        meanColumn('probe AUROC', (row) => row.probe_auroc, 3),
        prototypeColumn('best prototype', (row) => row.prototype),
        meanColumn(
            'its AUROC', (row) => row.prototype_auroc, 3,
            'chosen in four of five folds, measured in the fifth; ± over folds'),
        textColumn('where it is there', (row) => row.positive_auroc < 0.5 ? 'falls' : 'rises'),
        meanColumn('next best', (row) => row.second_auroc, 3), {
          title: 'five best',
          plain: true,
          value: best,
          show: (row) => element(
              'span', {class: 'nowrap'},
              best(row).flatMap((k) => [element('a', {href: `#prototype-${k}`}, k), ' ']))
        },
        countColumn('with', (row) => row.images_with), countColumn('without', (row) => row.images_without),
        textColumn('possible', (row) => row.possible ? 'yes' : 'no'),
        textColumn(
            'captured', (row) => row.too_few_images ? 'too few images' : row.captured ? 'yes' : 'no')
      ],
      attributes, {
        caption:
            'The best prototypes are chosen on the images that are probed; their AUROC is of folds in which they were not chosen.'
      });
}

/** Attributes of several classes; null where there are none. */
function classProbeTable(attributes) {
  if (attributes.length === 0) return null;
  const accuracies =
      Object.keys(attributes[0].accuracy)
          .map((name) => meanColumn(`accuracy, ${name}`, (row) => row.accuracy[name], 3, '± over folds'));
  return sortableTable(
      [
        textColumn('attribute', (row) => row.attribute), countColumn('classes', (row) => row.classes),
        countColumn('images', (row) => row.images), countColumn('unknown', (row) => row.images_unknown),
        numberColumn(
            'most frequent', (row) => row.most_frequent_share, 3,
            'share of the most frequent class: the accuracy of always saying it'),
        ...accuracies
      ],
      attributes, {caption: 'Classes told apart by one softmax regression an attribute.'});
}

const leftOutLines = (lines) => lines.map((line) => element('p', {class: 'soft'}, `Left out: ${line}.`));

function representationPart(r) {
  const scores = Object.entries(r)
                     .filter(([, value]) => value?.latent_auroc !== undefined)
                     .map(([name, value]) => ({name, ...value}));
  return [
    element('h2', {}, 'What a representation tells of attributes'),
    protocol(`${imagesText(r.protocol)}, ${counted(r.protocol.folds, 'fold')}`, r.protocol),
    scoreTable(scores), element('h3', {}, 'By attribute'), captureTable(r.attributes),
    classProbeTable(r.class_probes), leftOutLines(r.left_out)
  ];
}

function similarityPart(s) {
  const rows = ['vectors', 'activations'].map((name) => ({name, ...s[name]}));
  return [
    element('h2', {}, 'Similarity of prototypes'), protocol(imagesText(s.protocol), s.protocol),
    sortableTable(
        [
          textColumn('of their', (row) => row.name), numberColumn('mean', (row) => row.mean, 3),
          numberColumn('each one\'s nearest', (row) => row.nearest, 3, 'mean over the prototypes'),
          numberColumn('largest', (row) => row.largest, 3)
        ],
        rows)
  ];
}

function localisationPart(l) {
  return [
    element('h2', {}, 'Whether prototypes look at their attribute'), protocol(imagesText(l.protocol), l.protocol),
    sortableTable(
        [
          textColumn('attribute', (row) => row.attribute), prototypeColumn('prototype', (row) => row.prototype),
          numberColumn('its AUROC', (row) => row.auroc, 3), countColumn('images', (row) => row.images),
          intervalColumn('centred in the mask', (row) => row.hits),
          numberColumn('patches of others', (row) => row.hits_of_others, 2, 'what the usual place gives'),
          intervalColumn('more than others', (row) => row.above_others, 2, signed),
          numberColumn('mask covered', (row) => row.covered, 2),
          numberColumn('by those of others', (row) => row.covered_of_others, 2),
          numberColumn('mask\'s area', (row) => row.mask_area, 2),
          numberColumn('patch\'s area', (row) => row.patch_area, 2)
        ],
        l.attributes)
  ];
}

function controlPart(c) {
  const attributes = c.attributes;
  const ofImages = (key) => interval({value: c[key], low: c[`${key}_low`], high: c[`${key}_high`]});
  return [
    element('h2', {}, 'Control'),
    protocol(
        imagesText({...c.protocol, split: c.split}),
        {split: c.split, ...c.protocol, edited: null, real: null}),
    definitions([
      ['gain', `${ofImages('gain')} of the asked change arrives (median)`],
      ['on itself', `${ofImages('own_effect')} standard deviations for one asked (median)`],
      ['on others', `${fixed(c.spill, 3)} on average (absolute)`],
      isNumber(c.directions) &&
          [
            'directions',
            `about ${fixed(c.directions, 1)} that the image answers to` +
                (isNumber(c.real_directions) ?
                     `; activations of real images vary in ${fixed(c.real_directions, 1)}` :
                     '')
          ],
      [
        'inside',
        `${fixed(c.inside)} of the image's change lies in the prototype's patch` +
            (isNumber(c.area) ? `, which covers ${fixed(c.area)} of the image` : '')
      ]
    ].filter(Boolean)),
    attributes.length ?
        sortableTable(
            [
              textColumn('attribute', (row) => row.attribute),
              prototypeColumn('prototype', (row) => row.prototype), textColumn('edit', (row) => row.edit),
              numberColumn(
                  'its AUROC', (row) => row.edit === 'lowered' ? 1 - row.positive_auroc : row.positive_auroc,
                  3),
              {
                ...intervalColumn(
                    'attribute appears',
                    (row) => ({value: row.appears, low: row.appears_low, high: row.appears_high})),
                hint: 'share of the images without it, when that prototype is raised or lowered'
              },
              numberColumn('of images', (row) => row.images_without, 0, 'without it'),
              numberColumn('others change', (row) => row.others_change, 3),
              numberColumn('judge\'s accuracy', (row) => row.judge_accuracy, 3)
            ],
            attributes, {
              caption:
                  'The prototype that tells each attribute best in at most 2,000 training images, with its AUROC in as many others. Where others are about as good, the other tables and views, which choose on other images, may name one of them.'
            }) :
        null
  ];
}

function reconstructionPart(r) {
  const rows = [['MSE', r.mse, 6], ['PSNR, dB', r.psnr_db, 2], ['SSIM', r.ssim, 5]].map(
      ([name, value, digits]) => ({name, value, digits}));
  return [
    element('h2', {}, 'Reconstruction'),
    protocol(imagesText(r.protocol), {...r.protocol, evaluations: r.evaluations}),
    sortableTable(
        [
          textColumn('over images', (row) => row.name), {
            title: 'mean ± sd',
            number: true,
            plain: true,
            value: (row) => row.value.mean,
            show: (row) => meanSd(row.value, row.digits)
          },
          {
            title: 'worst',
            number: true,
            plain: true,
            value: (row) => row.value.worst,
            show: (row) => fixed(row.value.worst, row.digits)
          }
        ],
        rows)
  ];
}

function likelihoodPart(l) {
  const losses = l.conditions.map((row) => ({name: row.condition, x: l.levels, y: row.loss}));
  return [
    element('h2', {}, 'Likelihood'),
    protocol(`${imagesText(l.protocol)}, ${counted(l.protocol.steps, 'step')}`, l.protocol),
    sortableTable(
        [
          textColumn('condition', (row) => row.condition),
          intervalColumn('bits a dimension', (row) => row.bits, 3),
          intervalColumn('more than own', (row) => row.more_than_own, 3, signed),
          numberColumn('prior', (row) => row.prior, 3), numberColumn('steps', (row) => row.steps, 3),
          numberColumn('decoder', (row) => row.decoder, 3)
        ],
        l.conditions, {caption: 'Variational bound; with activations it is the bound given these.'}),
    element('div', {class: 'columns charts'}, lineChart({
              title: 'Denoising loss by timestep',
              series: losses,
              xLabel: 't: from noise to image',
              xName: 't',
              logY: true,
              fallingX: true
            }))
  ];
}

/** Whether a Fréchet distance is of no more images than dimensions. */
const hasTooFewImages = (kind) => kind.sets.some((set) => set.too_few_images);

const setsText = ({sets, set_images, real, real_images} = {}) => `${counted(sets, 'set')} of ${
    short(set_images)} images against ${short(real_images)} real ones (${real})`;

function generationPart(g) {
  const kinds = [['real', 'real images'], ['conditional', 'conditional'], ['unconditional', 'unconditional']];
  const sets = kinds.filter(([key]) => g[key]).map(([key, name]) => ({name, ...g[key]}));
  const fid = sets.some((row) => row.fid);
  return [
    element('h2', {}, 'Generation'), made('generation'),
    protocol(
        setsText(g.protocol),
        {...g.protocol, ...Object.fromEntries(sets.map((row) => [row.name, row.protocol]))}),
    sortableTable(
        [
          textColumn('images', (row) => row.name),
          meanColumn(fid ? 'FID' : 'Fréchet distance (not FID)', (row) => row.fid ?? row.frechet_distance, 3),
          meanColumn(fid ? 'KID' : 'kernel distance', (row) => row.kid ?? row.kernel_distance, 5),
          meanColumn('precision', (row) => row.precision, 3), meanColumn('recall', (row) => row.recall, 3),
          meanColumn('density', (row) => row.density, 3), meanColumn('coverage', (row) => row.coverage, 3),
          ...(sets.some((row) => row.nearest_is_training) ?
                  [{
                    ...intervalColumn('nearest is a training image', (row) => row.nearest_is_training, 3),
                    hint: 'rather than one of as many test images; 0.5: training images are not repeated'
                  }] :
                  [])
        ],
        sets),
    g.remarks.map((text) => element('p', {class: 'soft'}, text))
  ];
}

function metricsView() {
  const e = report.records.evaluate;
  return [
    element('h1', {}, 'Metrics'), made('evaluate'),
    protocol(e.checkpoint, {seed: e.seed, precision: e.precision, sha256: e.sha256}),
    e.representation && representationPart(e.representation), e.similarity && similarityPart(e.similarity),
    e.localisation && localisationPart(e.localisation), e.control && controlPart(e.control),
    e.reconstruction && reconstructionPart(e.reconstruction),
    e.likelihood && likelihoodPart(e.likelihood), e.generation && generationPart(e.generation)
  ];
}
