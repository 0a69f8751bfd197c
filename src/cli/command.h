#pragma once
#include <CLI/CLI.hpp>

#include "commands.h"

namespace patronus::cli {

void add_train(CLI::App& app, Invocation& invocation);
void add_train_latent(CLI::App& app, Invocation& invocation);
void add_sample(CLI::App& app, Invocation& invocation);
void add_encode(CLI::App& app, Invocation& invocation);
void add_reconstruct(CLI::App& app, Invocation& invocation);
void add_visualize_prototypes(CLI::App& app, Invocation& invocation);
void add_explain(CLI::App& app, Invocation& invocation);
void add_evaluate(CLI::App& app, Invocation& invocation);
void add_diagnose(CLI::App& app, Invocation& invocation);
void add_emergence(CLI::App& app, Invocation& invocation);
void add_compare(CLI::App& app, Invocation& invocation);
void add_interpolate(CLI::App& app, Invocation& invocation);
void add_manipulate(CLI::App& app, Invocation& invocation);
void add_report(CLI::App& app, Invocation& invocation);
void add_info(CLI::App& app, Invocation& invocation);
void add_import(CLI::App& app, Invocation& invocation);
void add_export(CLI::App& app, Invocation& invocation);
void add_prepare(CLI::App& app, Invocation& invocation);
void add_cache(CLI::App& app, Invocation& invocation);
void add_bench(CLI::App& app, Invocation& invocation);
void add_sweep(CLI::App& app, Invocation& invocation);

}  // namespace patronus::cli
