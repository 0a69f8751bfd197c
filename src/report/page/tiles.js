// Small pictures of images and their patches.

const boxShape = ([row0, row1, col0, col1]) => ({x: col0, y: row0, width: col1 - col0, height: row1 - row0});

/** What says a picture aloud; one without a label stands beside text that does. */
const spoken = (label) => (label ? {role: 'img', 'aria-label': label} : {'aria-hidden': 'true'});

/** A picture of an image `size` pixels a side, shown `side` wide, with a box around a patch. */
function tile(source, size, {side = 128, box = null, label = ''} = {}) {
  const frame =
      box ? [element('rect', {class: 'shade', ...boxShape(box)}), element('rect', boxShape(box))] : [];
  return element(
      'svg', {class: 'tile', viewBox: `0 0 ${size} ${size}`, width: side, height: side, ...spoken(label)},
      element('image', {href: source, width: size, height: size}), frame);
}

/** The patch of such a picture alone, as high as asked. */
function patchTile(source, size, box, {side = 64, label = ''} = {}) {
  const {x, y, width, height} = boxShape(box);
  return element(
      'svg', {
        class: 'tile',
        viewBox: `${x} ${y} ${width} ${height}`,
        width: (side * width) / height,
        height: side,
        ...spoken(label)
      },
      element('image', {href: source, width: size, height: size}));
}

const captioned = (shown, ...caption) => element('figure', {}, shown, element('figcaption', {}, caption));
