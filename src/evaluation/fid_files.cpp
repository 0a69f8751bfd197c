#include "patronus/evaluation/fid_files.h"

#include <ATen/Functions.h>
#include <c10/util/StringUtil.h>

#include "patronus/core/error.h"
#include "patronus/interop/npz.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/run/checkpoint.h"

namespace patronus {

Inception read_inception(const std::filesystem::path& path) {
  const Dict file = read_tensor_file(path);
  Inception inception;
  with_context(path.string(), [&] { inception->load_state(to_named_tensors(file)); });
  return inception;
}

FeatureStatistics read_feature_statistics(const std::filesystem::path& path) {
  const auto arrays = read_npz(path, {"mu", "sigma"});
  const auto mean = arrays[0].to(at::kDouble), covariance = arrays[1].to(at::kDouble);
  if (mean.dim() != 1 || covariance.sizes() != at::IntArrayRef{mean.size(0), mean.size(0)}) {
    throw DataError(c10::str(path.string(), ": mu is ", mean.sizes(), " and sigma ", covariance.sizes(),
                             "; expected [D] and [D, D]"));
  }
  if (!at::isfinite(mean).all().item<bool>() || !at::isfinite(covariance).all().item<bool>()) {
    throw DataError(path.string() + ": mu or sigma has values that are not finite");
  }
  return {mean, covariance, 0};
}

void write_feature_statistics(const std::filesystem::path& path, const FeatureStatistics& statistics) {
  write_npz(path, {{"mu", statistics.mean}, {"sigma", statistics.covariance}});
}

}  // namespace patronus
