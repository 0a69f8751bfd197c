// Which attributes the model ties together.

const strongestEdit = (pair) => pair.edits.find((edit) => edit.edit === pair.strongest) ?? pair.edits[0];
const foundPairs = () => report.records.diagnose.pairs.filter((pair) => pair.verdict === "found");
const findingText = (pair) => `${pair.source} ${strongestEdit(pair).effect.value > 0 ? "brings" : "removes"} ${pair.target}`;
const pairName = (pair) => `${pair.source} → ${pair.target}`;
const probability = (p) => (isNumber(p) && p < 0.001 ? "< 0.001" : fixed(p, 3));

function editTable(edits) {
  return sortableTable([
    {title: "edit", value: (edit) => edit.edit, show: (edit) => edit.edit + (edit.found ? ", found" : "")},
    {title: "effect", number: true, value: (edit) => edit.effect.value, show: (edit) => interval(edit.effect, 2, signed)},
    {title: "put in", number: true, value: (edit) => edit.put_in, show: (edit) => signed(edit.put_in)},
    {title: "taken away", number: true, value: (edit) => edit.taken_away, show: (edit) => signed(edit.taken_away)},
    {title: "p", number: true, value: (edit) => edit.p, show: (edit) => probability(edit.p)},
    {title: "family p", number: true, hint: "max-T over all pairs", value: (edit) => edit.family_p, show: (edit) => probability(edit.family_p)},
    {title: "FDR", number: true, hint: "Benjamini and Hochberg", value: (edit) => edit.fdr, show: (edit) => probability(edit.fdr)}], edits);
}

function findingRemarks(pair) {
  return [
    pair.agreeing_edits < pair.edits.length &&
      `Found by ${pair.agreeing_edits} of ${pair.edits.length} kinds of edit: perhaps a side effect of editing in that way.`,
    pair.dependence && `They depend on each other by construction: ${pair.dependence}.`,
    pair.judge_confounded && "The judge learnt from images in which they go together, and may take one for the other.",
  ].filter(Boolean).map((text) => element("p", {class: "soft"}, text));
}

function finding(pair, rank) {
  const edit = strongestEdit(pair);
  const start = `diagnose/findings/${String(rank).padStart(2, "0")}-`;
  const drawn = Object.keys(report.pictures).find((name) => name.startsWith(start));
  const again = isNumber(pair.again) ? `; ${signed(pair.again)} with twice the steps` : "";
  return element("article", {}, element("h2", {}, `${rank}. ${findingText(pair)}`),
    element("p", {}, `${interval(edit.effect, 2, signed)} in the probability of ${pair.target} (${edit.edit} edit${again}).`),
    findingRemarks(pair), editTable(pair.edits),
    drawn ? picture(drawn, "Rows: images; columns: original, regenerated, every kind of edit, and the control.") : null);
}

function otherPairs(pairs) {
  const part = (verdict, title) => {
    const chosen = pairs.filter((pair) => pair.verdict === verdict);
    return element("details", {}, element("summary", {}, `${title}: ${chosen.length} pairs`), sortableTable([
      {title: "pair", value: pairName},
      {title: "strongest effect", number: true, value: (pair) => Math.abs(strongestEdit(pair).effect.value), show: (pair) => interval(strongestEdit(pair).effect, 2, signed)},
      {title: "edit", value: (pair) => pair.strongest},
      {title: "remark", value: (pair) => pair.dependence}], chosen, {sortBy: "strongest effect"}));
  };
  return [part("no", "No effect"), part("undecided", "Undecided")];
}

function encodedTable(encoded) {
  return sortableTable([
    {title: "attribute", value: (row) => row.attribute},
    {title: "prototype", value: (row) => row.prototype, show: (row) => (isNumber(row.prototype) ? [prototypeLink(row.prototype), row.rises ? "" : " (falls)"] : "–")},
    {title: "AUROC", number: true, value: (row) => row.auroc?.value, show: (row) => interval(row.auroc, 3)},
    {title: "Cliff's δ", number: true, value: (row) => row.cliffs_delta, show: (row) => signed(row.cliffs_delta)},
    {title: "Spearman", number: true, value: (row) => row.spearman?.value, show: (row) => interval(row.spearman, 2, signed)},
    numberColumn("untrained encoder", (row) => row.untrained_auroc, 3),
    {title: "not testable", value: (row) => row.not_testable, show: (row) => row.not_testable}], encoded,
    {caption: "The prototype that tells each attribute best, chosen on one half of the images, measured on the other."});
}

function amplifiedTable(associations) {
  return sortableTable([
    {title: "attributes", value: (row) => `${row.attribute}, ${row.other}`},
    {title: "training", number: true, value: (row) => row.training, show: (row) => signed(row.training)},
    {title: "real", number: true, value: (row) => row.real.value, show: (row) => interval(row.real, 2, signed)},
    {title: "generated", number: true, value: (row) => row.generated.value, show: (row) => interval(row.generated, 2, signed)},
    {title: "|generated| − |real|", number: true, value: (row) => row.difference.value, show: (row) => interval(row.difference, 2, signed)},
    {title: "amplified", value: (row) => (row.amplified ? "yes" : ""), show: (row) => (row.amplified ? "yes" : "")}], associations,
    {caption: "Correlation of attributes in the training labels, in test images as judged, and in as many images drawn from their activations."});
}

function ownTable(own) {
  return sortableTable([
    {title: "attribute", value: (row) => row.attribute}, {title: "edit", value: (row) => row.edit},
    {title: "effect", number: true, value: (row) => row.effect.value, show: (row) => interval(row.effect, 2, signed)},
    {title: "put in", number: true, value: (row) => row.put_in, show: (row) => signed(row.put_in)},
    {title: "taken away", number: true, value: (row) => row.taken_away, show: (row) => signed(row.taken_away)}], own);
}

function findingsView() {
  const d = report.records.diagnose, found = foundPairs();
  const alarms = d.placebo.filter((pair) => pair.verdict === "found").length;
  const folded = (title, table) => element("details", {}, element("summary", {}, title), table);
  return [element("h1", {}, "Findings"), protocol(d.protocol),
    d.pairs.length ? element("p", {}, found.length ? `Of ${d.pairs.length} pairs of attributes ${found.length} go together in edits by as much as counts.`
      : "No attribute drags another along by as much as counts.") : element("p", {}, "No attribute can be tested."),
    d.placebo.length ? element("p", {class: "soft"}, `Placebo: of the same tests on edits in random directions, ${alarms} of ${d.placebo.length} find something.`) : null,
    found.map((pair, i) => finding(pair, i + 1)),
    element("h2", {}, "Other pairs"), otherPairs(d.pairs),
    element("h2", {}, "Encoded"), encodedTable(d.encoded ?? []), (d.left_out ?? []).map((line) => element("p", {class: "soft"}, `Left out: ${line}.`)),
    d.own_effects.length ? folded("Edits of an attribute, judged on itself", ownTable(d.own_effects)) : null,
    d.associations.length ? folded("Amplified?", amplifiedTable(d.associations)) : null,
    element("h2", {}, "Suspects"), picture("diagnose/suspects.png", "Images (rows) with the prototypes that tell most (columns) raised.") ??
      element("p", {class: "soft"}, "None was drawn.")];
}
