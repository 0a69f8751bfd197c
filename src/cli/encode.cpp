#include "patronus/analysis/encode.h"

#include <ATen/Functions.h>

#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/draw_patches.h"
#include "patronus/analysis/edit.h"
#include "patronus/analysis/write_projector.h"
#include "patronus/core/contains.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/figures/figure.h"
#include "patronus/io/make_folder.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct EncodeCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  std::string draw;
  bool projector = false;
};

/// Draws the most activated patches of the prototypes in the first images. Returns the names of the figures,
/// without extension.
std::vector<std::string> draw_patches(const std::filesystem::path& folder, TrainedModel& trained,
                                      const SelectedImages& images, const std::vector<int64_t>& prototypes) {
  constexpr int64_t kImages = 16;
  const auto indices = at::arange(images.first, images.first + std::min(images.count, kImages));
  const auto pages = draw_most_activated_patches(trained, images.dataset, indices, prototypes);
  std::vector<std::string> names;
  for (size_t i = 0; i < pages.size(); ++i) {
    names.push_back(pages.size() == 1 ? "patches" : "patches-" + zero_padded(static_cast<int64_t>(i + 1), 3));
    write_figure(folder / names.back(), pages[i], trained.config.runtime.figures);
  }
  return names;
}

int run_encode(const EncodeCommand& o) {
  TrainedModel trained = open_conditional_run(o.run);
  std::vector<int64_t> drawn;
  if (!o.draw.empty()) {
    const auto named = parse_prototypes(o.draw, trained.names);
    check_prototypes(named, trained);
    drawn = chosen_prototypes(named, trained.config.model.prototypes.count);
    std::erase_if(drawn, [&](int64_t k) { return contains(trained.disabled, k); });
  }
  const SelectedImages images = open_images(trained, o.selection);
  const auto folder = output_folder(o.out, trained, "encode");
  const Encoding encoding =
      encode_images(trained.model.encoder, images.dataset, images.first, images.count, trained.ranks);
  const std::string written = "activations.csv, patches.csv and encoding.pt of " +
                              pluralize(images.count, "image") + " to " + folder.string();
  std::vector<std::string> pictures;
  const int status =
      finish_analysis(o.run, trained, folder, "encode", written, [&](const std::filesystem::path& draft) {
        write_encoding(draft, encoding, trained.names);
        if (!drawn.empty()) pictures = draw_patches(draft, trained, images, drawn);
        if (o.projector)
          write_projector(make_folder(draft / "projector"), encoding, images.dataset, images.first);
      });
  if (!pictures.empty()) {
    const std::string more =
        pictures.size() == 1 ? "" : " to " + pictures.back() + ", " + pluralize(std::ssize(pictures), "page");
    log_written(figure_text(folder / pictures.front(), trained) + more, trained);
  }
  if (o.projector) {
    log_info("wrote files for TensorBoard's projector; look at them with: tensorboard --logdir " +
             (folder / "projector").string());
  }
  return status;
}

}  // namespace

void add_encode(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<EncodeCommand>();
  auto* cmd =
      app.add_subcommand("encode", "Write activations and most activated patches of images to CSV and .pt");
  cmd->footer(
      "Examples: patronus encode --run runs/demo --split train\n"
      "          patronus encode --run runs/demo --count 1000 --projector\n"
      "          patronus encode --run runs/demo --count 4 --draw 3,12");
  add_analysis_options(*cmd, o->run);
  add_image_selection(*cmd, o->selection, 0);
  add_out(*cmd, o->out, "files", "encode");
  cmd->add_option(
      "--draw", o->draw,
      "draw the most activated patch of these prototypes, e.g. 3,7 or all, on the first 16 images, "
      "16 drawings per page");
  cmd->add_flag("--projector", o->projector, "also write files for TensorBoard's embedding projector");
  cmd->callback([o, &invocation] { share_analysis(invocation, o->run, [o] { return run_encode(*o); }); });
}

}  // namespace patronus::cli
