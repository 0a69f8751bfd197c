#include "patronus/figures/figure.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/figures/grid.h"
#include "patronus/figures/line_plot.h"
#include "patronus/io/image.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus {
namespace {

using test::file_text;

/// A plot in a grid, with text at every place where figures have it.
Canvas labelled_figure() {
  const LinePlot plot{.series = {{.name = "training images", .x = {0, 1, 2}, .y = {1, 0.5, 0.2}}},
                      .title = "loss of λ",
                      .x_label = "step",
                      .y_label = "denoising loss",
                      .log_y = true};
  Grid grid;
  grid.rows = {{draw_line_plot(plot), at::full({3, 8, 8}, 100, at::kByte)}};
  grid.captions = {{"a caption", ""}};
  return draw_grid(grid);
}

TEST(Figure, IsWrittenInTheFormatsAskedForAndInNoOther) {
  const test::TemporaryFolder folder;
  const Canvas figure = labelled_figure();
  write_figure(folder / "f", figure, {FigureFormat::kPng, FigureFormat::kSvg});
  EXPECT_TRUE(at::equal(read_image(folder / "f.png"), figure.pixels()));
  EXPECT_NE(file_text(folder / "f.svg").find("<svg"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "f.pdf"));
  write_figure(folder / "f", figure, {FigureFormat::kPdf});
  EXPECT_TRUE(file_text(folder / "f.pdf").starts_with("%PDF-"));
  EXPECT_FALSE(std::filesystem::exists(folder / "f.png")) << "an old figure beside the new one";
  EXPECT_FALSE(std::filesystem::exists(folder / "f.svg"));
}

TEST(Figure, KeepsTheDotsOfItsName) {
  const test::TemporaryFolder folder;
  const auto files = figure_files(folder / "beta-0.5", {FigureFormat::kPdf, FigureFormat::kPng});
  EXPECT_EQ(files, (std::vector<std::filesystem::path>{folder / "beta-0.5.pdf", folder / "beta-0.5.png"}));
  write_figure(folder / "beta-0.5", labelled_figure(), {FigureFormat::kPng});
  write_figure(folder / "beta-0.7", labelled_figure(), {FigureFormat::kSvg});
  EXPECT_TRUE(std::filesystem::exists(files[1])) << "another figure's, whose name begins alike";
}

TEST(Figure, ThatCannotBeWrittenIsNamed) {
  const Canvas figure(4, 4);
  EXPECT_EQ(test::message_of([&] { write_figure("/absent/f", figure, {FigureFormat::kSvg}); }),
            "/absent/f.svg: cannot be written: No such file or directory");
}

TEST(Figure, OfVectorsIsTheSameFileEveryTime) {
  const std::string pdf = labelled_figure().pdf();
  EXPECT_EQ(labelled_figure().pdf(), pdf);
  EXPECT_EQ(pdf.find("CreationDate"), std::string::npos);
}

TEST(Figure, KeepsItsTextInAPdf) {
  const std::string pdf = labelled_figure().pdf();
  EXPECT_NE(pdf.find("+DejaVuSans"), std::string::npos) << "the font is embedded";
  EXPECT_NE(pdf.find("/ToUnicode"), std::string::npos) << "letters can be copied";
  EXPECT_EQ(pdf.find("/Interpolate true"), std::string::npos) << "pixels stay squares";
}

TEST(Figure, TextOfAPdfIsFound) {
  const test::TemporaryFolder folder;
  write_figure(folder / "f", labelled_figure(), {FigureFormat::kPdf});
  const auto text = test::run_command("pdftotext", {"f.pdf", "-"}, folder.path());
  if (text.status == 127) GTEST_SKIP() << "pdftotext is not there (poppler-utils)";
  ASSERT_EQ(text.status, 0) << text.errors;
  for (const char* label : {"loss of λ", "step", "training images", "a caption"}) {
    EXPECT_NE(text.output.find(label), std::string::npos) << label << " in:\n" << text.output;
  }
}

}  // namespace
}  // namespace patronus
