#pragma once
#include "patronus/io/atomic_file.h"
#include "patronus/run/prototype_names.h"
#include "support/run_program.h"

namespace patronus::test {

/// The names that a `names.yaml` with content `text` gives a model with `count` prototypes.
inline PrototypeNames named(const std::string& text, int64_t count) {
  const TemporaryFolder folder;
  write_file(folder / "names.yaml", text);
  return {folder / "names.yaml", count};
}

}  // namespace patronus::test
