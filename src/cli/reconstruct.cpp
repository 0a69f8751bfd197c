#include "command.h"
#include "image_selection.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/reconstruct_images.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace {

struct ReconstructCommand {
  TrainedRunOptions run;
  ImageSelection selection;
  std::string out;
  ReconstructImagesOptions reconstruct;
};

int run_reconstruct(const ReconstructCommand& o) {
  TrainedModel trained = open_conditional_run(o.run);
  const SelectedImages images = open_images(trained, o.selection);
  ReconstructImagesOptions options = o.reconstruct;
  options.first = images.first;
  options.count = images.count;
  const auto folder = output_folder(o.out, trained, "reconstruct");
  const auto reconstructed = reconstruct_images(trained, images.dataset, options);
  return finish_analysis(o.run, trained, folder, "reconstruct", figure_text(folder / "reconstruct", trained),
                         [&](const auto& draft) { write_reconstruction(draft, trained, reconstructed); });
}

}  // namespace

void add_reconstruct(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<ReconstructCommand>();
  auto* cmd = app.add_subcommand("reconstruct",
                                 "Regenerate images from their own noise, and vary them with random noise");
  cmd->footer("Example: patronus reconstruct --run runs/demo --count 16 --variations 3 --steps 20");
  add_analysis_options(*cmd, o->run);
  add_image_selection(*cmd, o->selection, 16);
  cmd->add_option("--variations", o->reconstruct.variations, "images from other noise per original")
      ->check(at_least(0));
  add_noise_choice(*cmd, o->reconstruct.noise);
  cmd->add_flag("--draw-noise", o->reconstruct.draw_noise, "also show the noise x_T of each original");
  add_regenerate_options(*cmd, o->reconstruct.regenerate);
  add_setting(*cmd, o->run.settings, "--seed", "seed", "seed of the variations' noise");
  add_out(*cmd, o->out, "pictures", "reconstruct");
  cmd->callback(
      [o, &invocation] { share_analysis(invocation, o->run, [o] { return run_reconstruct(*o); }); });
}

}  // namespace patronus::cli
