#pragma once
#include <filesystem>
#include <vector>

#include "patronus/evaluation/evaluate.h"
#include "patronus/io/figure.h"

namespace patronus {

/// Writes `attributes.csv`, `attributes.png`, `scores.png` and `components.png`.
void write_representation(const std::filesystem::path& folder, const Representation& representation,
                          const std::vector<FigureFormat>& formats);

/// Writes `similarity.png`, `similar-vectors.csv` and `similar-activations.csv`.
void write_similarity(const std::filesystem::path& folder, const SimilarityEvaluation& evaluation,
                      const std::vector<FigureFormat>& formats);

/// Writes `control.csv`, `effects.csv` and `effects.png`.
void write_control(const std::filesystem::path& folder, const TrainedModel& trained,
                   const ControlEvaluation& evaluation);

/// Writes the parts that are known: `evaluation.json` and `evaluation.md`.
void write_report(const std::filesystem::path& folder, const TrainedModel& trained,
                  const Evaluation& evaluation);

}  // namespace patronus
