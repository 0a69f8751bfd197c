#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// The kinds of files that figures are written as: pixels, or vectors for papers.
enum class FigureFormat { kPng, kPdf, kSvg };
inline std::vector<std::string> enum_names(FigureFormat) {
  return {"png", "pdf", "svg"};
}

/// The files that a figure is written to: `stem` with an ending for each format.
std::vector<std::filesystem::path> figure_files(const std::filesystem::path& stem,
                                                const std::vector<FigureFormat>& formats);

/// Writes a figure in these formats, `stem`.png and so on, and removes what an earlier call wrote there in
/// others, so that no old figure stands beside new numbers. Error when a file cannot be written.
void write_figure(const std::filesystem::path& stem, const Canvas& figure,
                  const std::vector<FigureFormat>& formats);

}  // namespace patronus
