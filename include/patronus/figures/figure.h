#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// File formats of figures: pixels, or vectors for papers.
enum class FigureFormat { kPng, kPdf, kSvg };
inline std::vector<std::string> enum_names(FigureFormat) {
  return {"png", "pdf", "svg"};
}

/// Files of a figure: `stem` with the extension of each format.
std::vector<std::filesystem::path> figure_files(const std::filesystem::path& stem,
                                                const std::vector<FigureFormat>& formats);

/// Writes a figure in these formats, `stem`.png and so on, and removes earlier files in other formats, so
/// that no old figure stays beside new results. Throws Error if a file cannot be written.
void write_figure(const std::filesystem::path& stem, const Canvas& figure,
                  const std::vector<FigureFormat>& formats);

}  // namespace patronus
