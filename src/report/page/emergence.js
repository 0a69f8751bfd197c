// When in denoising prototypes come about.

function relationText(name, relation) {
  if (!relation || !isNumber(relation.spearman)) return null;
  const meaning = relation.high < 0 ? "Coarse changes come first." : relation.low > 0 ? "Fine changes come first." : "No relation is shown.";
  return element("p", {}, `Spearman correlation of ${name} with the spatial frequency of the change, over ${relation.prototypes} prototypes: ` +
    `${interval({value: relation.spearman, ...relation})}. ${meaning}`);
}

function emergenceTable() {
  const time = (name, title, hint) => ({title, hint, number: true, value: (p) => p.emergence[name], show: (p) => interval(estimateIn(p.emergence, name), 0)});
  return sortableTable([
    {title: "prototype", value: (p) => p.index, show: (p) => prototypeLink(p.index)},
    {title: "tells", value: toldText},
    time("t50", "t50", "half of the final difference is there to stay"),
    time("decided", "decided at t", "of an edit that begins later, more than half is lost"),
    {title: "cycles a side", number: true, value: (p) => p.emergence.cycles_a_side, show: (p) => interval(estimateIn(p.emergence, "cycles_a_side"))},
    {title: "state", value: (p) => p.emergence.state}], prototypes.filter((p) => p.emergence), {sortBy: "decided at t"});
}

function conditionChart() {
  const rows = rowsOf("emergence/condition.csv");
  if (rows.length === 0) return null;
  const curve = (name, key) => ({name, x: rows.map((row) => row.timestep), y: rows.map((row) => row[key]),
    low: rows.map((row) => row[`${key}_low`]), high: rows.map((row) => row[`${key}_high`])});
  return lineChart({title: "Where in t the condition is used: denoising loss", xLabel: "t: from noise to image", xName: "t", logY: true, fallingX: true,
    series: [curve("own activations", "loss_own"), curve("another image's", "loss_shuffled"), curve("mean ones", "loss_mean")]});
}

function decidedChart() {
  const curves = prototypes.filter((p) => p.emergence?.state === "emerges")
    .map((p) => ({...curveOf("emergence/decided.csv", p.index, "start", [labelOf(p.index), toldText(p)].filter(Boolean).join(", ")), faint: true}));
  return curves.length ? lineChart({title: "Share of the difference that a late edit still brings about", series: curves,
    xLabel: "t at which the edit begins", fallingX: true, fromZero: true, note: "a curve a prototype; rest the pointer on one to read which"}) : null;
}

function emergenceView() {
  const record = report.records.emergence;
  return [element("h1", {}, "Emergence"), protocol({...record, prototypes: null, timesteps: null, starts: null}),
    element("div", {class: "columns"}, decidedChart(), conditionChart()),
    relationText("the t of decision", record.decided_and_frequency), relationText("t50", record.t50_and_frequency), emergenceTable()];
}
