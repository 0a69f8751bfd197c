#include "patronus/figures/figure.h"

#include <c10/util/Exception.h>

#include "patronus/core/contains.h"
#include "patronus/core/named_enum.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Appends the extension. replace_extension would cut a stem that contains a dot.
fs::path file_of(const fs::path& stem, FigureFormat format) {
  return stem.string() + "." + to_string(format);
}

std::string encoded(const Canvas& figure, FigureFormat format) {
  switch (format) {
    case FigureFormat::kPng:
      return encode_png(figure.pixels());
    case FigureFormat::kPdf:
      return figure.pdf();
    case FigureFormat::kSvg:
      return figure.svg();
  }
  TORCH_CHECK(false, "no such format");
}

}  // namespace

std::vector<fs::path> figure_files(const fs::path& stem, const std::vector<FigureFormat>& formats) {
  std::vector<fs::path> files;
  for (const FigureFormat format : formats) files.push_back(file_of(stem, format));
  return files;
}

void write_figure(const fs::path& stem, const Canvas& figure, const std::vector<FigureFormat>& formats) {
  for (const FigureFormat format : {FigureFormat::kPng, FigureFormat::kPdf, FigureFormat::kSvg}) {
    const fs::path file = file_of(stem, format);
    if (contains(formats, format)) {
      write_file(file, encoded(figure, format));
    } else {
      fs::remove(file);
    }
  }
}

}  // namespace patronus
