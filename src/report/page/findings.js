// Which attributes the model ties together.

const strongestEdit = (pair) => pair.edits.find((edit) => edit.edit === pair.strongest);
/** Those that do not depend by what they are. */
const testedPairs = () => report.records.diagnose.pairs.filter((pair) => !pair.dependence);
function nothingFound() {
  const pairs = testedPairs();
  if (pairs.length === 0)
    return 'Nothing can be found: all attributes depend on each other by what they are.';
  const undecided = pairs.filter((pair) => pair.verdict === 'undecided').length;
  return 'No attribute was found to drag another along by as much as counts' +
      (undecided ? `; undecided: ${undecided} of ${pairs.length} pairs.` : '.');
}
const foundPairs = () => testedPairs().filter((pair) => pair.verdict === 'found');
const findingText = (pair) =>
    `${pair.source} ${strongestEdit(pair).effect.value > 0 ? 'brings' : 'removes'} ${pair.target}`;
const pairName = (pair) => `${pair.source} → ${pair.target}`;

function probabilityColumn(title, value, hint = null) {
  const text = (p) => (isNumber(p) && p < 0.001 ? '< 0.001' : fixed(p, 3));
  return {title, value, hint, number: true, show: (row) => text(value(row))};
}

/** Effects of edits, behind columns of what was edited. */
function effectTable(columns, edits) {
  return sortableTable(
      [
        ...columns, intervalColumn('effect', (edit) => edit.effect, 2, signed),
        signedColumn('put in', (edit) => edit.put_in), signedColumn('taken away', (edit) => edit.taken_away),
        probabilityColumn('p', (edit) => edit.p),
        probabilityColumn('family p', (edit) => edit.family_p, 'max-T over all pairs'),
        probabilityColumn('FDR', (edit) => edit.fdr, 'Benjamini and Hochberg')
      ],
      edits);
}

const editTable = (edits) =>
    effectTable([textColumn('edit', (edit) => edit.edit + (edit.found ? ', found' : ''))], edits);

const ownTable = (own) => effectTable(
    [textColumn('attribute', (row) => row.attribute), textColumn('edit', (row) => row.edit)], own);

/** What speaks against a finding. */
const findingRemarks = (pair) => pair.remarks.map((text) => element('p', {class: 'soft'}, text));

function finding(pair, rank) {
  const edit = strongestEdit(pair);
  const start = `diagnose/findings/${String(rank).padStart(2, '0')}-`;
  const drawn = Object.keys(report.pictures).find((name) => name.startsWith(start));
  const again = isNumber(pair.effect_with_more_steps) ?
      `; ${signed(pair.effect_with_more_steps)} with more denoising steps` :
      '';
  return element(
      'article', {}, element('h2', {}, `${rank}. ${findingText(pair)}`),
      element(
          'p', {},
          `${interval(edit.effect, 2, signed)} in the probability of ${pair.target} (${edit.edit} edit${
              again}).`),
      findingRemarks(pair), editTable(pair.edits),
      drawn ?
          picture(
              drawn, 'Rows: images; columns: original, regenerated, every kind of edit, and the control.') :
          null);
}

function otherPairs(pairs) {
  const tested = testedPairs();
  const part = (chosen, title) => {
    const text = `${title}: ${counted(chosen.length, 'pair')}`;
    if (chosen.length === 0) return element('p', {}, text);
    return element(
        'details', {}, element('summary', {}, text),
        sortableTable(
            [
              textColumn('pair', pairName), {
                title: 'strongest effect',
                number: true,
                value: (pair) => Math.abs(strongestEdit(pair).effect.value),
                show: (pair) => interval(strongestEdit(pair).effect, 2, signed)
              },
              textColumn('edit', (pair) => pair.strongest), textColumn('remark', (pair) => pair.dependence)
            ],
            chosen, {order: {title: 'strongest effect'}}));
  };
  const withVerdict = (verdict) => tested.filter((pair) => pair.verdict === verdict);
  return [
    part(withVerdict('no'), 'No effect'), part(withVerdict('undecided'), 'Undecided'),
    part(pairs.filter((pair) => pair.dependence), 'Left out, as they depend on each other by what they are')
  ];
}

function encodedTable(encoded) {
  return sortableTable(
      [
        textColumn('attribute', (row) => row.attribute), prototypeColumn('prototype', (row) => row.prototype),
        textColumn(
            'with it',
            (row) =>
                (row.rises === undefined ? '' :
                     row.rises           ? 'rises' :
                                           'falls')),
        intervalColumn('AUROC', (row) => row.auroc, 3), signedColumn('Cliff\'s δ', (row) => row.cliffs_delta),
        intervalColumn('Spearman', (row) => row.spearman, 2, signed),
        numberColumn('untrained encoder', (row) => row.untrained_auroc, 3),
        numberColumn('judge\'s accuracy', (row) => row.judge_accuracy),
        textColumn('not testable', (row) => row.not_testable)
      ],
      encoded, {
        caption:
            'The prototype that tells each attribute best, chosen on one half of the images, measured on the other.'
      });
}

function amplifiedTable(associations) {
  const listed = associations.filter((pair) => !pair.dependence);
  const dependent = associations.length - listed.length;
  return sortableTable(
      [
        textColumn('attributes', (row) => `${row.attribute}, ${row.other}`),
        textColumn('drawn from', (row) => row.drawn_from), signedColumn('training', (row) => row.training),
        intervalColumn('real', (row) => row.real, 2, signed),
        intervalColumn('generated', (row) => row.generated, 2, signed),
        intervalColumn('|generated| − |real|', (row) => row.difference, 2, signed),
        textColumn('amplified', (row) => (row.amplified ? 'yes' : ''))
      ],
      listed, {
        caption:
            'Correlation of attributes in the training labels, in test images as judged, and in as many images drawn from the activations of these, or of the latent model.' +
            (dependent ?
                 ` Not listed: ${counted(dependent, 'pair')} that depend on each other by what they are.` :
                 '')
      });
}

function tiesTable(ties) {
  return sortableTable(
      [
        prototypeColumn('first', (tie) => tie.first), prototypeColumn('second', (tie) => tie.second),
        intervalColumn('Spearman', (tie) => tie.spearman, 2, signed),
        numberColumn('patches overlap', (tie) => tie.overlap),
        intervalColumn('first on second', (tie) => tie.effect, 2, signed),
        intervalColumn('second on first', (tie) => tie.effect_back, 2, signed),
        textColumn('verdict', (tie) => tie.verdict)
      ],
      ties, {
        caption:
            'Effects: change of the other prototype with the edited one\'s own patch left as it was, in standard deviations for one requested.'
      });
}

/// What is known without attributes: prototypes that go together, and where each looks and acts.
function prototypesPart(d) {
  if (!d.ties) return null;
  const tied = d.ties.filter((tie) => tie.verdict === 'tied').length;
  return [
    element('h2', {}, 'Prototypes'),
    element(
        'p', {},
        `Of ${counted(d.prototype_pairs, 'pair')}, ${
            d.ties.length} go together in the test images though they look at different places (${
            d.same_place} more at the same place); ${tied} of them in edits, too.`),
    d.ties.length ? tiesTable(d.ties) : null,
    picture('diagnose/ties.png', 'Prototypes that go together: strongest images of both, and both raised.'),
    picture(
        'diagnose/reach.png',
        'Where each prototype looks (box), and where the image changes when it is moved, each on its own scale; gray: hardly any effect.')
  ];
}

/// What is known of attributes.
function attributesPart(d, found) {
  if (d.encoded.length + d.left_out.length === 0)
    return element('p', {class: 'soft'}, 'The images have no attributes.');
  const folded = (title, rows, draw) =>
      (rows.length ? element('details', {}, element('summary', {}, title), draw(rows)) : null);
  return [
    summaryOf(d, found), found.map((pair, i) => finding(pair, i + 1)), element('h2', {}, 'Other pairs'),
    otherPairs(d.pairs), element('h2', {}, 'Encoded'), encodedTable(d.encoded), leftOutLines(d.left_out),
    folded('Edits of an attribute, judged on itself', d.own_effects, ownTable),
    folded('Amplified?', d.associations, amplifiedTable), element('h2', {}, 'Suspects'), suspectsPicture(d)
  ];
}

function summaryOf(d, found) {
  if (d.pairs.length === 0) return element('p', {}, 'No attribute can be tested.');
  const alarms = d.placebo.filter((pair) => pair.verdict === 'found').length;
  const text = found.length ? `Of ${testedPairs().length} pairs of attributes ${
                                  found.length} go together in edits by as much as counts.` :
                              nothingFound();
  return [
    element('p', {}, text),
    element(
        'p', {class: 'soft'},
        `Placebo: of the same tests on edits in random directions, ${alarms} of ${
            d.placebo.length} find something.`),
    element(
        'p', {class: 'soft'},
        `The judge of attributes learnt from ${d.judge.data}; what it says changes by ${
            fixed(d.judge.identity_change, 3)} on average when an image is regenerated without an edit.`)
  ];
}

function suspectsPicture(d) {
  const caption = 'Images (rows) with the prototypes that tell most (columns) raised.';
  return (d.suspects && picture('diagnose/suspects.png', caption)) ??
      element('p', {class: 'soft'}, 'None was drawn.');
}

function findingsView() {
  const d = report.records.diagnose, found = foundPairs();
  return [
    element('h1', {}, 'Findings'), made('diagnose'),
    protocol(
        `${short(d.protocol.edited_images)} edited images, ${counted(d.protocol.steps, 'step')}`, d.protocol),
    attributesPart(d, found), prototypesPart(d)
  ];
}
