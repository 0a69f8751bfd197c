#include "patronus/core/finite.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/util/StringUtil.h>

#include "patronus/core/error.h"

namespace patronus {

void require_finite_rows(const at::Tensor& values, const std::string& where, const std::string& what) {
  const auto wrong = values.flatten(1).isfinite().all(1).logical_not().nonzero();
  if (wrong.size(0) == 0) return;
  throw DataError(c10::str(where, ": ", wrong.size(0), " of ", values.size(0), " ", what,
                           " are not finite, the first is number ", wrong[0].item<int64_t>()));
}

}  // namespace patronus
