// The index of all prototypes.

function thumbnails(p) {
  if (!p.view) return "";
  const real = p.view.nearest[0];
  return element("a", {href: `#prototype-${p.index}`, tabindex: -1, "aria-hidden": "true"},
    real && patchTile(real.picture, p.view.size, real.box, {side: 36}), patchTile(p.view.enhanced, p.view.size, p.view.box, {side: 36}));
}

const toldText = (p) => p.told.map((told) => told.attribute + (told.rises ? "" : " (falls)")).join(", ");

/** Attributes that appear in at least half of the images without them when it is raised, and with a minus those that vanish. */
function bringsText(p) {
  const often = (end, sign) => attributesOf(p.control).filter((name) => p.control[`${name} ${end}`] >= 0.5).map((name) => sign + name);
  return [...often("appears", ""), ...often("vanishes", "−")].join(", ");
}

/** Columns for which the run has numbers. */
function prototypeColumns() {
  const some = (name) => prototypes.some((p) => p[name]);
  const of = (part, name) => (p) => p[part]?.[name] ?? null;
  return [
    some("view") && {title: "real, enhanced", plain: true, value: () => null, show: thumbnails},
    {title: "prototype", value: (p) => p.index, show: (p) => prototypeLink(p.index)},
    prototypes.some((p) => p.told.length) && {title: "tells", value: toldText, show: toldText},
    prototypes.some((p) => p.told.length) && numberColumn("AUROC", (p) => p.told[0]?.auroc ?? null, 3, "of the attribute that it tells best"),
    prototypes.some((p) => attributesOf(p.control).length) && {title: "brings", value: bringsText, show: bringsText,
      hint: "attributes that appear, or with a minus vanish, in at least half of the images when it is raised, as a classifier sees them"},
    some("visualized") && numberColumn("effect", of("visualized", "effect"), 1, "median increase when raised, in standard deviations"),
    some("visualized") && numberColumn("gain", of("visualized", "gain"), 2, "share of the asked increase that arrives"),
    some("visualized") && numberColumn("consistency", of("visualized", "consistency"), 2, "how alike its enhanced patches are: 1 all the same, 0 not at all"),
    some("control") && numberColumn("drift", of("control", "drift"), 2, "mean absolute change of all others when it is raised, in standard deviations"),
    some("control") && numberColumn("inside", of("control", "inside"), 2, "share of the image's change inside its patch"),
    some("emergence") && numberColumn("decided at t", of("emergence", "decided"), 0, "of an edit that begins later, more than half is lost"),
    spearman && {title: "correlates", number: true, hint: "largest Spearman correlation with another", value: (p) => Math.abs(p.correlates[0]?.value ?? NaN),
      show: (p) => (p.correlates.length ? [signed(p.correlates[0].value), " with ", prototypeLink(p.correlates[0].index)] : "–")},
  ].filter(Boolean);
}

function prototypesView() {
  const columns = prototypeColumns(), place = element("div");
  const fill = (text) => {
    const shown = prototypes.filter((p) => `${labelOf(p.index)} ${toldText(p)} ${bringsText(p)}`.toLowerCase().includes(text.toLowerCase()));
    place.replaceChildren(sortableTable(columns, shown, {sortBy: columns.some((c) => c.title === "effect") ? "effect" : "prototype"}));
  };
  fill("");
  return [element("h1", {}, "Prototypes"),
    element("p", {class: "soft"}, "Choose one to see what it looks at and what raising it does. A head sorts; rest the pointer on it to read what it means."),
    element("input", {type: "search", placeholder: "name, number or attribute", "aria-label": "Show prototypes that contain", oninput: (event) => fill(event.target.value)}),
    element("div", {class: "dense"}, place)];
}
