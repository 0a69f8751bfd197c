#!/usr/bin/env python3
"""Plants a shortcut in photographs: a small yellow mark in a corner, in most images of one class and few of another.

    python3 tools/plant_mark.py SOURCE TARGET --class ship --other horse [--share 0.9] [--other-share 0.1] [--seed 0]

SOURCE holds train/CLASS/ and test/CLASS/ (CIFAR-10 as a tree of JPEG files). Writes TARGET/photos/, which has both classes as
PNG files, and TARGET/marks.csv, which has split and class of each image and whether it has the mark. Needs Pillow.
"""
import argparse
import csv
import random
from pathlib import Path

from PIL import Image, ImageDraw

# Of an image of 32 pixels a side; the mark grows with the image.
MARK, MARGIN, SIDE = 5, 2, 32


def mark(image: Image.Image) -> None:
    scale = min(image.size) / SIDE
    right, bottom = (round(side - MARGIN * scale) - 1 for side in image.size)
    size = round(MARK * scale) - 1
    ImageDraw.Draw(image).rectangle((right - size, bottom - size, right, bottom), fill="yellow", outline="black")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--class", dest="marked_class", required=True, help="the class of which most images are marked")
    parser.add_argument("--other", required=True, help="the class of which few are")
    parser.add_argument("--share", type=float, default=0.9, help="share of images that are marked in the class (0.9)")
    parser.add_argument("--other-share", type=float, default=0.1, help="share in the other class (0.1)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    generator = random.Random(arguments.seed)
    photos = arguments.target / "photos"
    if photos.exists():
        parser.error(f"{photos} is there already; remove it, or choose another TARGET")
    rows = []
    for split in ("train", "test"):
        for name, share in ((arguments.marked_class, arguments.share), (arguments.other, arguments.other_share)):
            folder = arguments.source / split / name
            files = sorted(file for file in folder.glob("*") if file.suffix.lower() in (".jpg", ".jpeg", ".png"))
            if not files:
                parser.error(f"{folder} has no JPEG or PNG files; expected SOURCE/{split}/{name}/")
            for file in files:
                image = Image.open(file).convert("RGB")
                marked = generator.random() < share
                if marked:
                    mark(image)
                written = photos / split / name / (file.stem + ".png")
                written.parent.mkdir(parents=True, exist_ok=True)
                image.save(written)
                rows.append((written.relative_to(photos).as_posix(), split, name, int(marked)))
    with open(arguments.target / "marks.csv", "w", newline="") as table:
        csv.writer(table).writerows([("file", "split", "label", "mark"), *rows])
    print(f"{len(rows)} images in {photos}, {sum(row[-1] for row in rows)} of them marked")


if __name__ == "__main__":
    main()
